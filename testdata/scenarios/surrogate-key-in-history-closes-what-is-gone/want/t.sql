SELECT v, n, _singular_end IS NULL AS open, _singular_active FROM t ORDER BY v, _singular_start
