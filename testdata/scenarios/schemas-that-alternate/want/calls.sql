SELECT count(*), count(a) AS a, count(b) AS b, count(c) AS c FROM calls
