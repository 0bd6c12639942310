-- As pipelinewise-target-postgres 2.1.2 left it.
CREATE TABLE orders (
    id numeric, _sdc_batched_at timestamp without time zone, _sdc_deleted_at character varying,
    _sdc_extracted_at timestamp without time zone, amount double precision, at timestamp without time zone,
    day character varying, name character varying, nums jsonb, obj jsonb, ok boolean, small smallint, tags jsonb, things jsonb,
    PRIMARY KEY (id)
);
INSERT INTO orders VALUES
    (1, '2026-01-01 12:00:01', NULL, '2026-01-01 12:00:00', 1.5, '2026-01-01 12:00:00', '2026-01-01', 'a', '[1, 2]', '{"k": "v"}',
     true, 7, '["x", "y \"q\""]', '[{"a": 1}]'),
    (2, '2026-01-01 12:00:01', NULL, '2026-01-01 12:00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
