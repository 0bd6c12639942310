ALTER TABLE t ADD CHECK (name NOT LIKE '%refused'), ADD CHECK (id <> 5);
