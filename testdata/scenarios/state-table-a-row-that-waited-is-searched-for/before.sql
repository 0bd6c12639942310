CREATE TABLE t (id bigint, v text CHECK (v <> 'bad'));
CREATE TABLE u (id bigint, v text CHECK (v <> 'bad'));
