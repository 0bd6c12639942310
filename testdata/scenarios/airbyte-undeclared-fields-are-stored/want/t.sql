SELECT id, _singular_extra
FROM {{schema}}.t
ORDER BY id
