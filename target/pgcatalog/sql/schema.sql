-- Whether a schema is there, whether the database has Citus, to whom ALTER DEFAULT PRIVILEGES gives the tables that are created in
-- the schema, whether it has few tables, and whether the database has TimescaleDB.
SELECT
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1),
    pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL,
    (
        SELECT json_agg(DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END)
        FROM pg_catalog.pg_default_acl AS d
        CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) AS a
        WHERE pg_catalog.pg_get_userbyid(d.defaclrole) = current_user
          AND d.defaclobjtype = 'r'
          AND (d.defaclnamespace = 0 OR d.defaclnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1))
          AND a.grantee <> d.defaclrole
    ),
    (
        SELECT pg_catalog.count(*)
        FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1)
            AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ) <= $2::int,
    pg_catalog.to_regclass('_timescaledb_catalog.dimension') IS NOT NULL
