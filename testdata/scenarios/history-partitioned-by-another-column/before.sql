CREATE TABLE t (id bigint NOT NULL, region text, v text, _singular_start timestamptz NOT NULL DEFAULT '-infinity', _singular_end timestamptz, _singular_active boolean NOT NULL DEFAULT true) PARTITION BY LIST (region);
CREATE TABLE t_eu PARTITION OF t FOR VALUES IN ('eu');
CREATE TABLE t_us PARTITION OF t FOR VALUES IN ('us');
