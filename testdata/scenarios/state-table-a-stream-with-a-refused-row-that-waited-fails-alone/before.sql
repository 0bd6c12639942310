CREATE TABLE b (id bigint, v text CHECK (v <> 'bad'));
