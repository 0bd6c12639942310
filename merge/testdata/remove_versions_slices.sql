-- (deletes)
-- The version that is current ends now; should it begin in the future, where it begins.
UPDATE "public"."a ""target""" AS t
SET "end" = greatest(now(), t."start"),
    "active" = false
WHERE t."active"
  AND (t."_sdc_table_version" < 5 OR t."_sdc_table_version" IS NULL)
  AND EXISTS (SELECT FROM "public"."slices" AS b WHERE ARRAY[b."say ""hi"""] = ARRAY[t."say ""hi"""] AND ARRAY[b."excluded"] = ARRAY[t."excluded"]);

