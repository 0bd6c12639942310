CREATE TABLE _singular_rejected (stream text CHECK (stream <> 't'), line bigint, reason text, record jsonb, rejected_at timestamptz);
