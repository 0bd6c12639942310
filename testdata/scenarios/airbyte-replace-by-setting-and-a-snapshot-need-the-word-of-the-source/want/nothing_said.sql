SELECT id, guest FROM nothing_said ORDER BY id
