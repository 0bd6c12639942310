-- Whether a schema is there, and whether the database has Citus.
SELECT
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1),
    pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL
