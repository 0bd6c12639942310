-- append: every record is a new row. Tombstones are rows like any other; what a partial record lacks is NULL.
--
-- COPY straight into the target gives the same rows sooner, and that is what the engine does. This is for rows that had
-- to be looked at before: a staged table that other statements read as well.

{{inserts}}
INSERT INTO {{.Target}} ({{.List "" .Columns}}){{.Overriding}}
SELECT {{.New "s"}}
FROM {{.Staged}} AS s;
