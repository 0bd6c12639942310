SELECT name, code, mood, v, _singular_active FROM versions ORDER BY name, code, mood, v
