SELECT _singular_hash FROM users WHERE id = 1 AND _singular_start = '2023-03-01 00:00:00Z'
