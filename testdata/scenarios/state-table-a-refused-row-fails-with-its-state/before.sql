CREATE TABLE visits (page bigint CHECK (page < 100)); GRANT ALL ON visits TO PUBLIC;
