-- (prepares)
SET LOCAL search_path TO DEFAULT;

-- (writes)
-- Records that equal their row are left out before the INSERT and not by the WHERE of ON CONFLICT, which would lock the
-- row first: that writes to its page and to the log. So ON CONFLICT sees changed rows, and those that another loader
-- inserted meanwhile. ORDER BY lets two loaders lock rows in one order, so that they wait for each other and do not
-- deadlock.
INSERT INTO "public"."a ""target""" AS t ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "pg_temp"."staged" AS s
LEFT JOIN "public"."a ""target""" AS old ON old."Id" OPERATOR(pg_catalog.=) s."Id" AND old."row_number" OPERATOR("x)".=) s."row_number"
WHERE (old.tableoid IS NULL -- a new key
   OR NOT coalesce(old."say ""hi""" OPERATOR(pg_catalog.=) s."say ""hi""", old."say ""hi""" IS NULL AND s."say ""hi""" IS NULL)
   OR NOT coalesce(old."excluded" OPERATOR(pg_catalog.=) s."excluded", old."excluded" IS NULL AND s."excluded" IS NULL))
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "say ""hi""" = excluded."say ""hi""",
    "excluded" = excluded."excluded";

-- (prepares)
SET LOCAL search_path TO pg_catalog, pg_temp;

