SELECT stream, line FROM _singular_rejected ORDER BY 1, 2
