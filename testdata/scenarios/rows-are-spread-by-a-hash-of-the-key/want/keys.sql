SELECT conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS key FROM pg_constraint WHERE conrelid IN ('users'::regclass, 'visits'::regclass) AND contype = 'p' ORDER BY 1
