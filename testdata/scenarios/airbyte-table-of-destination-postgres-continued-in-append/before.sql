CREATE TABLE "Users" (
    "_airbyte_raw_id" varchar NOT NULL,
    "_airbyte_extracted_at" timestamp with time zone NOT NULL,
    "_airbyte_meta" jsonb NOT NULL,
    "_airbyte_generation_id" bigint,
    "id" bigint, "name" varchar, "score" decimal, "active" boolean, "tags" jsonb, "either" jsonb,
    "created_at" timestamp with time zone, "local" timestamp, "at_time" time with time zone, "day" date, "user_email" varchar, "gone" varchar
);
CREATE INDEX "idx_pk_Users" ON "Users" ("id");
CREATE INDEX "idx_extracted_at_Users" ON "Users" ("_airbyte_extracted_at");
INSERT INTO "Users" VALUES
('3d8a1c84-6a30-4c5e-9f3e-0c2f6d0b1a11', '2026-01-01 00:00:00+00', '{"changes": [], "sync_id": 7}', 3, 1, 'Ann', 1.50, true, '["a"]', '7', '2026-01-01 10:00:00+00', '2026-01-01 10:00:00', '10:00:00+01', '2026-01-01', 'ann@example.com', 'kept'),
('3d8a1c84-6a30-4c5e-9f3e-0c2f6d0b1a12', '2026-01-01 00:00:00+00', '{"changes": [], "sync_id": 7}', 3, 2, 'Bob', 2, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE VIEW active_users AS SELECT id, name FROM "Users" WHERE active;