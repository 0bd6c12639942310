SELECT stream, record->>'said' AS said, reason FROM _singular_rejected ORDER BY line
