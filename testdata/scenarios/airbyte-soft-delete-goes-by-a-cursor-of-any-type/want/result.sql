SELECT car, day, _singular_deleted FROM cars ORDER BY car
