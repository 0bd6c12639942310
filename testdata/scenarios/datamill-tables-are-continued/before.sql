-- As singer-target-postgres 0.2.4 left it.
CREATE TABLE events (
    v bigint NOT NULL, _sdc_received_at timestamp with time zone, _sdc_sequence bigint, _sdc_table_version bigint,
    _sdc_batched_at timestamp with time zone, _sdc_primary_key text NOT NULL
);
COMMENT ON TABLE events IS '{"path": ["events"], "version": null, "schema_version": 2, "key_properties": ["_sdc_primary_key"]}';
CREATE TABLE web_users (
    id bigint NOT NULL, first_name text, at timestamp with time zone, amount double precision, ok boolean NOT NULL,
    _sdc_received_at timestamp with time zone, _sdc_sequence bigint, _sdc_table_version bigint, _sdc_batched_at timestamp with time zone
);
COMMENT ON TABLE web_users IS '{"path": ["Web-Users"], "version": 5, "schema_version": 2, "key_properties": ["Id"]}';
INSERT INTO events VALUES (1, NULL, 1795435627, NULL, '2026-01-01 12:00:00+00', '094e0f20-9106-4f31-8468-f2c397715d74');
INSERT INTO web_users VALUES
    (1, 'a', '2026-01-01 12:00:00+00', 1.5, true, NULL, 1795435627, 5, '2026-01-01 12:00:00+00'),
    (2, NULL, NULL, NULL, false, NULL, 1795435627, 5, '2026-01-01 12:00:00+00'),
    (3, 'gone', NULL, NULL, false, NULL, 1795435627, 5, '2026-01-01 12:00:00+00');
CREATE INDEX tp_web_users_id__sdc_sequence_idx ON web_users USING btree (id, _sdc_sequence);
