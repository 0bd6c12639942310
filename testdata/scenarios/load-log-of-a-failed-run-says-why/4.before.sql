ALTER TABLE users ADD CONSTRAINT short CHECK (v <> 'long');
