SELECT id, v, cur FROM u ORDER BY id
