SELECT name, at, size FROM t ORDER BY name
