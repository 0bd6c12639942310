CREATE DOMAIN shelf AS int CHECK (VALUE < 100);
CREATE TABLE guarded (id bigint PRIMARY KEY, code text, shelf shelf);
CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.code IS NOT NULL THEN
        RAISE EXCEPTION 'not here' USING ERRCODE = new.code;
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION guard();
