SELECT id, email FROM current ORDER BY id
