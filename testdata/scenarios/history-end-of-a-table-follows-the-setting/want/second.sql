SELECT * FROM after_second ORDER BY id, _singular_start
