SELECT (SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass) AS partitions, count(*) AS rows, count(*) FILTER (WHERE tableoid = 'events_default'::regclass) AS waiting,
    max(at) FILTER (WHERE tableoid = 'events_default'::regclass) AS newest FROM events
