DROP VIEW current
