SELECT name, code, mood, v FROM kept ORDER BY name, code, mood
