SELECT id, f, n, pg_typeof(whole), whole, word, info, "any" FROM samples ORDER BY id
