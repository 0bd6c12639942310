SELECT stream, line, record FROM _singular_rejected ORDER BY line
