CREATE TABLE notes (id bigint, n bigint);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.v = 'bad' THEN
        INSERT INTO {{schema}}.notes VALUES (NEW.id, 1) ON CONFLICT (id) DO UPDATE SET n = 2;
    END IF;
    RETURN NEW;
END$$;
CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.v = 'bad' THEN
        RAISE EXCEPTION 'no such index' USING ERRCODE = '42P10';
    END IF;
    RETURN NEW;
END$$;
CREATE TABLE appended (id bigint, v text);
CREATE TABLE objected (id bigint, v text);
CREATE TABLE upserted (id bigint PRIMARY KEY, v text);
CREATE TABLE marked (id bigint PRIMARY KEY, v text);
CREATE TRIGGER note BEFORE INSERT OR UPDATE ON appended FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER object BEFORE INSERT OR UPDATE ON objected FOR EACH ROW EXECUTE FUNCTION object();
CREATE TRIGGER note BEFORE INSERT OR UPDATE ON upserted FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER object BEFORE INSERT OR UPDATE ON marked FOR EACH ROW EXECUTE FUNCTION object();
