SELECT name, code, mood, v FROM upserted ORDER BY name, code, mood
