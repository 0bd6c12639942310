SELECT email = md5('01AWZh7A6DzGm6iJZZ2T1') AS same
FROM {{schema}}.users
