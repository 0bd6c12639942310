-- (prepares)
-- What the batch brings of slices is remembered until the end of the snapshot. Tombstones and records that lack the column say nothing.
INSERT INTO "public"."slices" (least, greatest)
SELECT min(s."excluded"), max(s."excluded")
FROM "pg_temp"."staged" AS s
WHERE true
HAVING count(s."excluded") > 0;

