-- The source's first rows. docker compose runs this once, when it creates the server.
CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, name text, updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer bigint, amount numeric(10, 2), updated_at timestamptz NOT NULL DEFAULT now());
INSERT INTO shop.customers VALUES (1, 'Ann', '2026-01-01Z'), (2, 'Bob', '2026-01-02Z');
INSERT INTO shop.orders VALUES (1, 1, 9.99, '2026-01-01Z'), (2, 2, 0.10, '2026-01-02Z');
