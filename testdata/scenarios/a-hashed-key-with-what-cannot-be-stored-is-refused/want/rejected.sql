SELECT stream, line, reason, record FROM _singular_rejected ORDER BY line
