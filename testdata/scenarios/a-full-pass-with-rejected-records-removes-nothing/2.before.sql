ALTER TABLE snapshot ADD CHECK (v <> 'bad');
ALTER TABLE version ADD CHECK (v <> 'bad');
ALTER TABLE marked ADD CHECK (v <> 'bad');
ALTER TABLE closed ADD CHECK (v <> 'bad');
