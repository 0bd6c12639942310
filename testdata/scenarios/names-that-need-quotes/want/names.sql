SELECT attname FROM pg_attribute WHERE attrelid = '"we""ird ta.ble-🐘"'::regclass AND attnum > 0 ORDER BY attnum
