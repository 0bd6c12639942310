SELECT id, s IS NULL AS is_null, encode(convert_to(s, 'UTF8'), 'hex') AS bytes FROM t ORDER BY id
