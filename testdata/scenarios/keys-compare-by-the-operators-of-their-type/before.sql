-- A type as citext is: of texts that are equal whatever their case, with operators that no search_path of ours leads to.
CREATE TYPE folded;
CREATE FUNCTION folded_in(pg_catalog.cstring) RETURNS folded LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION folded_out(folded) RETURNS pg_catalog.cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE folded (INPUT = folded_in, OUTPUT = folded_out, LIKE = pg_catalog.text, CATEGORY = 'S');
CREATE CAST (folded AS pg_catalog.text) WITHOUT FUNCTION AS IMPLICIT;
CREATE FUNCTION folded_cmp(folded, folded) RETURNS pg_catalog.int4 LANGUAGE sql IMMUTABLE STRICT
    AS $$SELECT pg_catalog.bttextcmp(pg_catalog.lower($1::pg_catalog.text), pg_catalog.lower($2::pg_catalog.text))$$;
DO $$
DECLARE o record;
BEGIN
    FOR o IN SELECT * FROM (VALUES ('lt', '<'), ('le', '<='), ('eq', '='), ('ge', '>='), ('gt', '>')) AS o (name, symbol) LOOP
        EXECUTE format('CREATE FUNCTION folded_%s(folded, folded) RETURNS pg_catalog.bool LANGUAGE sql IMMUTABLE STRICT AS %L', o.name,
            format('SELECT {{schema}}.folded_cmp($1, $2) OPERATOR(pg_catalog.%s) 0', o.symbol));
        EXECUTE format('CREATE OPERATOR %s (LEFTARG = folded, RIGHTARG = folded, FUNCTION = folded_%s)', o.symbol, o.name);
    END LOOP;
END $$;
CREATE OPERATOR CLASS folded_ops DEFAULT FOR TYPE folded USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 folded_cmp(folded, folded);
CREATE DOMAIN code AS folded CHECK (value::pg_catalog.text OPERATOR(pg_catalog.<>) '');
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE TABLE upserted (name folded, code code, mood mood, v text, PRIMARY KEY (name, code, mood));
CREATE TABLE kept (name folded, code code, mood mood, v text, PRIMARY KEY (name, code, mood));
CREATE TABLE versions (name folded, code code, mood mood, v text);
