-- Divides by zero if not so many columns of the table are of these types. Texts of all kinds are the same in binary.
SELECT 1 / (count(*) = {count})::pg_catalog.int4
FROM pg_catalog.pg_attribute
WHERE attrelid = {table}::pg_catalog.regclass
  AND attnum > 0
  AND (
    attname,
    CASE
        WHEN atttypid IN ('text'::pg_catalog.regtype, 'varchar'::pg_catalog.regtype, 'bpchar'::pg_catalog.regtype) THEN 'text'
        ELSE pg_catalog.format_type(atttypid, atttypmod)
    END
  ) IN (VALUES {columns})
