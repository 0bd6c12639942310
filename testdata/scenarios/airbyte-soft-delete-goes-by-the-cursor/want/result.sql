SELECT car, colour, lsn, _singular_deleted FROM cars ORDER BY car
