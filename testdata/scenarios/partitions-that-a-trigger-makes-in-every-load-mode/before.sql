-- Each row goes into a table of its month, which is made when the first one comes.
CREATE FUNCTION route() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part text := TG_TABLE_NAME || to_char(NEW.at AT TIME ZONE 'UTC', '_YYYY_MM');
BEGIN
    IF to_regclass(format('%I.%I', TG_TABLE_SCHEMA, part)) IS NULL THEN
        EXECUTE format('CREATE TABLE %1$I.%2$I () INHERITS (%1$I.%3$I)', TG_TABLE_SCHEMA, part, TG_TABLE_NAME);
    END IF;
    EXECUTE format('INSERT INTO %I.%I SELECT ($1).*', TG_TABLE_SCHEMA, part) USING NEW;
    RETURN NULL;
END $$;
CREATE TABLE append_t (id bigint NOT NULL, at timestamptz NOT NULL, v text);
CREATE TABLE replace_t (id bigint PRIMARY KEY, at timestamptz NOT NULL, v text);
CREATE TABLE upsert_t (id bigint PRIMARY KEY, at timestamptz NOT NULL, v text);
CREATE TABLE soft_delete_t (id bigint PRIMARY KEY, at timestamptz NOT NULL, v text, _singular_deleted boolean NOT NULL DEFAULT false);
CREATE TABLE history_t (id bigint NOT NULL, at timestamptz NOT NULL, v text, _singular_start timestamptz NOT NULL DEFAULT '-infinity', _singular_end timestamptz, _singular_active boolean NOT NULL DEFAULT true);
CREATE UNIQUE INDEX ON history_t (id) WHERE _singular_active;
CREATE TRIGGER route BEFORE INSERT ON append_t FOR EACH ROW EXECUTE FUNCTION route();
CREATE TRIGGER route BEFORE INSERT ON replace_t FOR EACH ROW EXECUTE FUNCTION route();
CREATE TRIGGER route BEFORE INSERT ON upsert_t FOR EACH ROW EXECUTE FUNCTION route();
CREATE TRIGGER route BEFORE INSERT ON soft_delete_t FOR EACH ROW EXECUTE FUNCTION route();
CREATE TRIGGER route BEFORE INSERT ON history_t FOR EACH ROW EXECUTE FUNCTION route();
