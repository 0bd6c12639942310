ALTER TABLE upsert ADD CHECK (v <> 'bad');
ALTER TABLE soft ADD CHECK (v <> 'bad');
ALTER TABLE hist ADD CHECK (v <> 'bad');
