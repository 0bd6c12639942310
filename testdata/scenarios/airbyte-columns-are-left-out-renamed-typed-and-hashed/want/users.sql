SELECT email, tariff, age, at, _airbyte_meta
FROM {{schema}}.users
ORDER BY email
