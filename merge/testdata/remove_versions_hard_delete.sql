-- (deletes)
DELETE FROM "public"."a ""target""" AS t
WHERE (t."_sdc_table_version" < 5 OR t."_sdc_table_version" IS NULL);

