SELECT id, email, kind
FROM {{schema}}.people
ORDER BY id
