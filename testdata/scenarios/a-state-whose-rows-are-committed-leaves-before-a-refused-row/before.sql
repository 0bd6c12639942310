CREATE TABLE a (id bigint PRIMARY KEY, v text CHECK (v <> 'bad'));
