-- (prepares)
TRUNCATE "public"."a ""target""";

