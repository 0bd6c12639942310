SELECT v, n, _singular_deleted FROM t ORDER BY v
