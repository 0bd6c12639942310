SELECT stream, line, split_part(reason, ':', 1) AS reason, record ->> 'id' AS id FROM _singular_rejected ORDER BY 4
