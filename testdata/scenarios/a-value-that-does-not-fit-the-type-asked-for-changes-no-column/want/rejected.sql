SELECT line, reason
FROM {{schema}}._singular_rejected
ORDER BY line
