CREATE TABLE before AS SELECT xmin::text AS transaction, ctid::text AS place FROM prices;
