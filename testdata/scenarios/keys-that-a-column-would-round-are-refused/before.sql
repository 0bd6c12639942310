CREATE TABLE t (at timestamptz(3), size real, name text, PRIMARY KEY (at, size));
