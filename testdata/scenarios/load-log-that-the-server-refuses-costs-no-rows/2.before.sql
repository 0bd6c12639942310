CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'secret'; END $$; CREATE TRIGGER refuse BEFORE INSERT ON _singular_loads FOR EACH ROW EXECUTE FUNCTION {{schema}}.refuse();
