-- Whether a trigger function of the table $1 has the text $2 of an exception in its source as it is.
SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid
    WHERE t.tgrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
      AND pg_catalog.strpos(
        pg_catalog.lower(p.prosrc),
        pg_catalog.lower('raise exception ' OPERATOR(pg_catalog.||) pg_catalog.quote_literal($2::pg_catalog.text))
      ) OPERATOR(pg_catalog.>) 0
)
