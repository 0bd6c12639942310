SELECT id, _singular_start AT TIME ZONE 'UTC' AS start FROM rides
