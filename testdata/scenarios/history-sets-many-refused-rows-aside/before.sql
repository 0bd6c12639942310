CREATE TABLE t (id bigint, v text);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.v = 'bad' OR (NEW.v = 'odd' AND to_jsonb(NEW) ->> '_singular_active' = 'false' AND TG_OP = 'INSERT') THEN
    RAISE EXCEPTION 'refused';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER look BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION look();
