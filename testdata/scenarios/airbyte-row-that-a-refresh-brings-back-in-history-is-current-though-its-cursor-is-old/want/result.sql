SELECT room, guest, _singular_active FROM rooms WHERE _singular_active ORDER BY room
