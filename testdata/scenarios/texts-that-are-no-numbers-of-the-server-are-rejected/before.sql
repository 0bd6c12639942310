CREATE TABLE counters (id xid8 PRIMARY KEY, x xid, c cid, o oid, others xid8[], list integer[]);
