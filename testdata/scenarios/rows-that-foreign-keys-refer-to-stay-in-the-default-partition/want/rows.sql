SELECT tableoid::regclass::text AS part, id, at FROM events
UNION ALL SELECT tableoid::regclass::text, id, at FROM visits
UNION ALL SELECT 'notes', id, at FROM notes
UNION ALL SELECT 'hints', id, at FROM hints
ORDER BY 1, 2
