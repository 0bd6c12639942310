SELECT line, reason, record
FROM {{schema}}._singular_rejected
ORDER BY line
