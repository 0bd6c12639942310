-- (deletes)
DELETE FROM "public"."a ""target""";

