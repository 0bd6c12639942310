SELECT id, said, v FROM zoned_times ORDER BY id
