-- (prepares)
-- What the batch brings of slices is remembered until the end of the snapshot. Tombstones and records that lack the column say nothing.
INSERT INTO "public"."slices" ("say ""hi""", "excluded")
SELECT DISTINCT s."say ""hi""", s."excluded"
FROM "pg_temp"."staged" AS s
WHERE NOT s."gone" AND (substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0') AND (substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0')
  AND NOT EXISTS (SELECT FROM "public"."slices" AS b WHERE ARRAY[b."say ""hi"""] = ARRAY[s."say ""hi"""] AND ARRAY[b."excluded"] = ARRAY[s."excluded"]);

