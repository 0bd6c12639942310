-- The rows, from 0 on, whose key no later row has. The parts of the keys come as texts and are compared with the types
-- of their columns, which know the keys that are equal.
SELECT max(row) - 1
FROM ROWS FROM (unnest({texts})) WITH ORDINALITY AS keys ({columns}, row)
GROUP BY {typed}
