SELECT id, k = encode(sha256('pepper1'), 'hex') AS one, k = encode(sha256('pepper10'), 'hex') AS ten, email = encode(sha256('pepper11'), 'hex') AS eleven
FROM {{schema}}.users
ORDER BY id
