CREATE TABLE orders (country text, id bigint, v text, PRIMARY KEY (country, id)) PARTITION BY LIST (country);
CREATE TABLE orders_de PARTITION OF orders FOR VALUES IN ('de');
CREATE TABLE orders_else PARTITION OF orders DEFAULT;
