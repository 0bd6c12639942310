CREATE TABLE log (of regclass DEFAULT 'stock'::regclass);
INSERT INTO log DEFAULT VALUES;
