SELECT n1.id, n1.n AS n1, n2.n AS n2, n3.n AS n3, pg_typeof(n3.n) AS type FROM users_now1 n1 JOIN users_now2 n2 USING (id) JOIN users_now3 n3 USING (id) ORDER BY 1
