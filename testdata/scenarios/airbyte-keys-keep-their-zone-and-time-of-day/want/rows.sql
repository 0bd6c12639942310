SELECT name, day, at, time FROM t ORDER BY name
