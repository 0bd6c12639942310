SELECT id, net, gross FROM t ORDER BY id
