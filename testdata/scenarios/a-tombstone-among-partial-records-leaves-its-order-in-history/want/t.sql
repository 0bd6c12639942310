SELECT k, v, o, _singular_start, _singular_end, _singular_active FROM t ORDER BY k, _singular_start
