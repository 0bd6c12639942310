SELECT id, pg_typeof(id) AS type, wood FROM chairs
