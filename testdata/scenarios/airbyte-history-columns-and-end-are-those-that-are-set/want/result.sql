SELECT room, guest, seen, "from", "to", current FROM rooms ORDER BY room, "from"
