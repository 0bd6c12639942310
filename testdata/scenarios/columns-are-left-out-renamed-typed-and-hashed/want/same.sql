SELECT id, email = encode(sha256('pepperada@example.com'), 'hex') AS same
FROM {{schema}}.users
ORDER BY id
