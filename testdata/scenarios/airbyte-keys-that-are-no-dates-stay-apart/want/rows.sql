SELECT day, at, name FROM t ORDER BY name
