CREATE TABLE sales (id bigint, region text, n bigint) PARTITION BY LIST (region);
CREATE TABLE north PARTITION OF sales FOR VALUES IN ('north');
CREATE TABLE south PARTITION OF sales FOR VALUES IN ('south');
CREATE TABLE others PARTITION OF sales DEFAULT;
INSERT INTO sales VALUES (1, 'north', 1), (2, 'north', 1), (3, 'south', 1), (4, 'west', 1), (5, 'east', 1);
CREATE TABLE seen (what text, part text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO {{schema}}.seen VALUES (TG_OP, TG_TABLE_NAME); RETURN NULL; END$$;
CREATE TRIGGER seen AFTER INSERT OR DELETE OR UPDATE ON sales FOR EACH ROW EXECUTE FUNCTION see();
CREATE TRIGGER emptied AFTER TRUNCATE ON north FOR EACH STATEMENT EXECUTE FUNCTION see();
