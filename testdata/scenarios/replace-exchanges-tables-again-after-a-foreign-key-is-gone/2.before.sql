CREATE TABLE item (stock_id bigint REFERENCES stock);
DROP TABLE item;
CREATE TABLE log AS SELECT 'stock'::regclass::oid AS old;
