CREATE TABLE readings (id bigint PRIMARY KEY, value bigint, doubled numeric);
CREATE TABLE levels (id bigint, value integer, doubled numeric);

CREATE FUNCTION double() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.value > 0 THEN
        NEW.doubled := NEW.value * 2;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER double BEFORE INSERT OR UPDATE ON readings FOR EACH ROW EXECUTE FUNCTION double();
CREATE TRIGGER double BEFORE INSERT ON levels FOR EACH ROW EXECUTE FUNCTION double();
