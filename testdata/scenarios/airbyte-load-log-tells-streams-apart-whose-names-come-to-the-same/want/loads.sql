SELECT stream, table_name, read, inserted FROM _singular_loads ORDER BY table_name
