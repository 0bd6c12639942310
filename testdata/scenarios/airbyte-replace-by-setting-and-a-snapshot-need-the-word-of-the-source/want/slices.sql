SELECT id, guest FROM slices ORDER BY id
