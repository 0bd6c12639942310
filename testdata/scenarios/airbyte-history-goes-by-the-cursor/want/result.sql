SELECT room, guest, lsn, _singular_active, _singular_start, _singular_end FROM rooms ORDER BY room, lsn
