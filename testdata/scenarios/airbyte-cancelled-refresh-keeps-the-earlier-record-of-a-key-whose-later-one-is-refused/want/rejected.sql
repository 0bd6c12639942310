SELECT stream, record->>'id' AS id, record->>'k' AS k FROM _singular_rejected ORDER BY id
