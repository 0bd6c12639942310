-- As meltanolabs-target-postgres 0.8.1 left it.
CREATE TABLE "Orders" (
    "Id" bigint NOT NULL, name text, at timestamp without time zone, day date, amount numeric, ok boolean, tags text[],
    nums bigint[], things jsonb[], obj jsonb, small smallint, _sdc_extracted_at timestamp without time zone,
    _sdc_received_at timestamp without time zone, _sdc_batched_at timestamp without time zone,
    _sdc_deleted_at timestamp without time zone, _sdc_sequence bigint, _sdc_table_version bigint, _sdc_sync_started_at bigint,
    PRIMARY KEY ("Id")
);
INSERT INTO "Orders" VALUES
    (1, 'a', '2026-01-01 12:00:00', '2026-01-01', 1.5, true, '{x,"y \"q\""}', '{1,2}', '{"{\"a\": 1}"}', '{"k": "v"}', 7,
     '2026-01-01 12:00:00', '2026-01-01 12:00:01', '2026-01-01 12:00:01', NULL, 1795435513229, NULL, 1795435512265),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'null', NULL,
     '2026-01-01 12:00:00', '2026-01-01 12:00:01', '2026-01-01 12:00:01', NULL, 1795435513229, NULL, 1795435512265);
