CREATE VIEW _singular_rejected AS SELECT 1 AS n;
