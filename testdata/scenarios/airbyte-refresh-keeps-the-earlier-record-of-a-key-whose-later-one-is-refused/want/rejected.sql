SELECT stream, line FROM _singular_rejected ORDER BY line
