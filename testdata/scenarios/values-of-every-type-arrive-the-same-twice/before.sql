CREATE TYPE mood AS ENUM ('low', 'high');
CREATE DOMAIN short AS varchar(5) CHECK (value <> '');
CREATE TABLE v (
    id bigint PRIMARY KEY, span interval, spans interval[], doc xml, tags text[], days date[], instants timestamptz[], years daterange, spell tstzrange,
    body bytea, bodies bytea[], four real, eight double precision, feel mood, word short, net inet, place point, raw json, tree jsonb,
    exact numeric, o_clock time, zoned timetz, at_local timestamp, at timestamptz, day date, words tsvector, bits bit varying(8),
    guid uuid, sure boolean, wider double precision, later date
);
