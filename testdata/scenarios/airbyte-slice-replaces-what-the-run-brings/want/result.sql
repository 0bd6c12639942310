SELECT room, guest, seen FROM rooms ORDER BY room, guest, seen
