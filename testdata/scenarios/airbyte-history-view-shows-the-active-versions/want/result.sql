SELECT room, guest, seen, beds, pg_typeof(seen) AS type FROM current_rooms ORDER BY room
