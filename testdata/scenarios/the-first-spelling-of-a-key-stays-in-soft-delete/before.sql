CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE t (n numeric NOT NULL, i interval NOT NULL, c text COLLATE nocase NOT NULL, v text);
CREATE TABLE t1 (n numeric NOT NULL, i interval NOT NULL, c text COLLATE nocase NOT NULL, v text);
