SELECT id, owner__email, owner__age, _airbyte_meta
FROM {{schema}}.t
ORDER BY id
