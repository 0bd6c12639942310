SELECT to_regclass('rides') IS NULL AS "absent"
