SELECT id, guest, _singular_deleted FROM marked ORDER BY id
