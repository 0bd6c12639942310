CREATE TABLE a (id bigint PRIMARY KEY, v text CHECK (v <> 'bad'));
CREATE TABLE b (id bigint PRIMARY KEY, v text CHECK (v <> 'bad'));
