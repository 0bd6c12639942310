SELECT line, record ->> 'id' AS id FROM _singular_rejected ORDER BY rejected_at, line
