CREATE TABLE notes (id bigint, at timestamptz, FOREIGN KEY (id, at) REFERENCES events (id, at) ON DELETE CASCADE);
INSERT INTO notes SELECT id, at FROM events;
CREATE TABLE hints (id bigint, at timestamptz, FOREIGN KEY (id, at) REFERENCES visits (id, at));
INSERT INTO hints SELECT id, at FROM visits;
