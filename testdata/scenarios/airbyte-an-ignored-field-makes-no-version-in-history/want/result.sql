SELECT room, guest, seen, _singular_start, _singular_end, _singular_active FROM rooms ORDER BY room, _singular_start
