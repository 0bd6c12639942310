SELECT count(*) FROM pg_inherits WHERE inhparent = 't'::regclass
