SELECT to_regclass('rooms')
