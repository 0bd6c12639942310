SELECT owner__id, owner__name, at__n, v FROM t ORDER BY owner__id
