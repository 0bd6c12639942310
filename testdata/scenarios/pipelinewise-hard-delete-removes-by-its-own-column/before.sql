CREATE TABLE t (id numeric, v character varying, _sdc_extracted_at timestamp without time zone, _sdc_batched_at timestamp without time zone,
    _sdc_deleted_at character varying, PRIMARY KEY (id));
INSERT INTO t VALUES (1, 'a', NULL, NULL, NULL), (2, 'b', NULL, NULL, NULL), (3, 'not in this run', NULL, NULL, NULL);
