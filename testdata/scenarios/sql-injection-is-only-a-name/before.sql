CREATE TABLE safe (x int);
