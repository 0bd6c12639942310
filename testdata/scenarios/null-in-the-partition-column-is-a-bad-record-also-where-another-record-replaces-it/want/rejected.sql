SELECT stream, line, reason FROM _singular_rejected ORDER BY line
