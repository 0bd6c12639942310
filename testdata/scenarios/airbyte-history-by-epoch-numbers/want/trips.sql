SELECT fare, _singular_start AT TIME ZONE 'UTC' AS start, _singular_end AT TIME ZONE 'UTC' AS until FROM trips ORDER BY fare
