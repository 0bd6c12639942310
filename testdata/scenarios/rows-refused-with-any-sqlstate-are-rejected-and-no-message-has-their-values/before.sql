CREATE TABLE guarded (id bigint PRIMARY KEY, code text UNIQUE, shelf int, words tsvector, owner regrole, of_table regclass, CONSTRAINT guarded_shelf_check CHECK (shelf < 100));
CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.code LIKE 'raise%' THEN
        RAISE EXCEPTION E'refused:\n%', new.code USING HINT = new.code, DETAIL = new.code;
    ELSIF new.code LIKE 'own%' THEN
        RAISE EXCEPTION '%', new.code USING ERRCODE = 'ZZ001';
    ELSIF new.code LIKE 'table%' THEN
        RAISE EXCEPTION 'relation "%" does not exist', new.code USING ERRCODE = '42P01';
    ELSIF new.code LIKE 'names%' THEN
        RAISE EXCEPTION '%', new.code USING COLUMN = new.code, CONSTRAINT = new.code, DATATYPE = new.code, TABLE = new.code, SCHEMA = new.code, ERRCODE = '23505';
    ELSIF new.code LIKE 'number%' THEN
        RAISE EXCEPTION '%', new.code USING COLUMN = new.code, ERRCODE = '22003';
    ELSIF new.code LIKE 'closed%' THEN
        RAISE EXCEPTION 'the shelf is closed';
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION guard();
