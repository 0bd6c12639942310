SELECT id, email = encode(sha256('a@x'), 'hex') AS email, email_hash = md5('sa@x') AS email_hash
FROM {{schema}}.people
ORDER BY id
