-- replace: the target holds what the staging table holds, and nothing else. One transaction, and the target is never
-- dropped, so that views, grants, indexes and foreign keys stay. Readers see the old rows until COMMIT and the new ones
-- after it; only a REPEATABLE READ reader that began before sees none, because TRUNCATE is not MVCC-safe.

{{if .Sliced -}}
{{template "replace slices" .}}
{{else if not .Referenced -}}
{{prepares}}
{{if .NoTruncate}}DELETE FROM{{else}}TRUNCATE{{end}} {{.Target}};

{{inserts}}
INSERT INTO {{.Target}} ({{.List "" .Columns}}){{.Overriding}}
SELECT {{.New "s"}}
FROM {{.Staged}} AS s;

{{else if and .Key .Elsewhere -}}
-- Citus lets one statement change one distributed table once, so that it cannot be one statement here. New parents come before
-- old ones go: a row may move from one to the other.
{{template "fixed" .}}
{{template "elsewhere" .}}
{{template "unseen" .}}
{{template "vanished" .}}

{{else if .Key -}}
{{if .Repeats}}{{template "repeated.sql" .}}{{end}}
{{template "fixed" .}}
{{inserts}}
-- Another table refers to this one, which forbids TRUNCATE. Rows whose key returns stay and change in place, so that
-- what refers to them is not disturbed; rows that vanished are deleted, and the reference decides whether that is
-- allowed.
--
-- It is one statement so that foreign keys are checked when all of it is done: a row may leave its parent while the
-- parent vanishes. The counts put the parts in order, since a new row may carry the unique value of a vanished one.
WITH vanished AS (
    DELETE FROM {{.Target}} AS t
    WHERE NOT EXISTS (SELECT FROM {{.Staged}} AS s WHERE {{.Match "t" "s"}})
    RETURNING 1
){{if .Set "s"}}, changed AS (
    UPDATE {{.Target}} AS t
    SET {{.Set "s"}}
    FROM {{.Staged}} AS s
    WHERE {{.Match "t" "s"}}
      AND (SELECT count(*) FROM vanished) >= 0
      AND ({{.Differs "t" "s" 8}})
    RETURNING 1
){{end}}
INSERT INTO {{.Target}} ({{.List "" .Columns}}){{.Overriding}}
SELECT {{.New "s"}}
FROM {{.Staged}} AS s
WHERE (SELECT count(*) FROM {{if .Set "s"}}changed{{else}}vanished{{end}}) >= 0
  AND NOT EXISTS (SELECT FROM {{.Target}} AS t WHERE {{.Match "t" "s"}});

{{else -}}
{{deletes}}
-- Another table refers to this one, which forbids TRUNCATE, and without a key no row can be told to be the same as
-- before.
DELETE FROM {{.Target}};

{{inserts}}
INSERT INTO {{.Target}} ({{.List "" .Columns}}){{.Overriding}}
SELECT {{.New "s"}}
FROM {{.Staged}} AS s;
{{end}}

{{define "empty"}}
{{if .Sliced -}}
{{template "slices" .}}
{{if and .Key .Elsewhere -}}
{{template "unseen" .}}
{{template "vanished" .}}
{{else -}}
{{template "empty slices" .}}
{{end -}}
{{else if not .Referenced -}}
{{prepares}}
{{if .NoTruncate}}DELETE FROM{{else}}TRUNCATE{{end}} {{.Target}};
{{else if and .Key .Elsewhere -}}
{{template "unseen" .}}
{{template "vanished" .}}
{{else if .Key -}}
{{deletes}}
DELETE FROM {{.Target}} AS t
WHERE NOT EXISTS (SELECT FROM {{.Staged}} AS s WHERE {{.Match "t" "s"}});
{{else -}}
{{deletes}}
DELETE FROM {{.Target}};
{{end}}
{{end}}

{{define "vanished" -}}
{{deletes}}
DELETE FROM {{.Target}} AS t
USING {{.Given .Unseen}} AS s
WHERE {{.Match "t" "s"}}
  {{- .Within "t" .Unseen}};
{{end}}
