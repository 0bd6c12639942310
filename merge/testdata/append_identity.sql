-- (inserts)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded") OVERRIDING SYSTEM VALUE
SELECT s."Id", s."row_number", s."say ""hi""", coalesce(s."excluded", pg_catalog.nextval(pg_catalog.pg_get_serial_sequence('"public"."a ""target"""', 'excluded')::pg_catalog.regclass))
FROM "pg_temp"."staged" AS s;

