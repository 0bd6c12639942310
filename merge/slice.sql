{{- /* slice: a replace or a full snapshot that is only of the slices that the run brought. A slice is given by the values of some columns,
where NULL is a value like any other, or by a range, which no NULL is in. OFFSET 0 keeps the planner from another order of joins: it takes
too few keys to be new. */ -}}

{{define "slices" -}}
{{prepares}}
-- The slices that the run brought.
CREATE TEMP TABLE IF NOT EXISTS {{.Slices}} ON COMMIT DROP AS
{{- if .Range}}
SELECT min(s.{{.Range}}) AS least, max(s.{{.Range}}) AS greatest
FROM {{.Staged}} AS s
HAVING count(s.{{.Range}}) > 0;
{{- else}}
SELECT DISTINCT {{.List "s" .Sliced}}
FROM {{.Staged}} AS s;
{{- end}}

{{prepares}}
ANALYZE {{.Slices}};
{{end}}

{{define "bring slices" -}}
{{prepares}}
-- What the batch brings of slices is remembered until the end of the snapshot. Tombstones and records that lack the column say nothing.
INSERT INTO {{.Slices}} ({{if .Range}}least, greatest{{else}}{{.List "" .Sliced}}{{end}})
{{- if .Range}}
SELECT min(s.{{.Range}}), max(s.{{.Range}})
FROM {{.Batch}} AS s
WHERE {{.BringsSlice "s"}}
HAVING count(s.{{.Range}}) > 0;
{{- else}}
SELECT DISTINCT {{.List "s" .Sliced}}
FROM {{.Batch}} AS s
WHERE {{.BringsSlice "s"}}
  AND NOT EXISTS (SELECT FROM {{.Slices}} AS b WHERE {{.MatchSlice "b" "s"}});
{{- end}}
{{end}}

{{define "in slice" -}}
{{if .Range}}t.{{.Range}} >= (SELECT min(b.least) FROM {{.Slices}} AS b) AND t.{{.Range}} <= (SELECT max(b.greatest) FROM {{.Slices}} AS b)
{{- else}}EXISTS (SELECT FROM {{.Slices}} AS b WHERE {{.MatchSlice "b" "t"}}){{end}}
{{- end}}

{{define "replace slices" -}}
{{template "slices" .}}
{{if and .Key .Elsewhere -}}
{{template "fixed" .}}
{{template "elsewhere" .}}
{{template "unseen" .}}
{{template "vanished" .}}

{{else if and .Key (not .Referenced) -}}
{{if .Repeats -}}
{{template "repeated.sql" .}}
{{template "fixed" .}}
{{template "empty slices" .}}

{{else -}}
{{template "fixed" .}}
{{prepares}}
-- What the slices' rows and those that the run brought differ in, found in one pass: the keys that vanished, which have no place, and those
-- of staged rows that change one or are new in these slices. A slice that is loaded again is mostly as it was.
CREATE TEMP TABLE {{.Altered}} ON COMMIT DROP AS
SELECT {{.EitherKey "t" "s"}},
    s.ctid AS {{.Own "place"}}, s.tableoid AS {{.Own "part"}}, {{.FirstOfKey "t"}} IS NOT NULL AS {{.Own "there"}}
FROM (
    SELECT {{.List "t" .Columns}}
    FROM {{.Target}} AS t
    JOIN {{.Slices}} AS b ON {{.InSlice "t" "b"}}
    {{- if not .Range}}
    UNION ALL
    SELECT {{.List "t" .Columns}}
    FROM {{.Target}} AS t
    JOIN {{.Slices}} AS b ON {{.MatchSlice "t" "b"}}
    WHERE {{.HasNull "b"}}
      AND EXISTS (SELECT FROM {{.Slices}} AS b WHERE {{.HasNull "b"}})
    {{- end}}
) AS t
FULL JOIN {{.Staged}} AS s ON {{.SameKey "t" "s"}}
WHERE s.ctid IS NULL
   OR {{.FirstOfKey "t"}} IS NULL
   OR {{.Differs "t" "s" 3}};

{{deletes}}
-- Rows of the slices that vanished.
DELETE FROM {{.Target}} AS t
USING {{.Altered}} AS a
WHERE a.{{.Own "place"}} IS NULL
  AND {{.Match "t" "a"}}
  AND EXISTS (SELECT FROM {{.Slices}} AS b WHERE {{if .Range}}{{.InSlice "t" "b"}}{{else}}{{.MatchSlice "t" "b"}}{{end}});

{{prepares}}
-- The slices are a small part of most tables: their rows are found by the key, and the table is not read for them.
SELECT pg_catalog.set_config('enable_hashjoin', 'off', true), pg_catalog.set_config('enable_mergejoin', 'off', true)
WHERE pg_catalog.pg_relation_size({{.TargetOID}}) / 4 > pg_catalog.pg_relation_size({{.StagedOID}});

{{prepares}}
-- Keys that are in other slices.
UPDATE {{.Altered}} AS a
SET {{.Own "there"}} = true
FROM {{.Target}} AS t
WHERE NOT a.{{.Own "there"}}
  AND {{.Match "t" "a"}};
{{end}}

{{if .Set "s" -}}
{{updates}}
-- Rows whose key returns stay and change in place, also those of another slice.
UPDATE {{.Target}} AS t
SET {{.Set "s"}}
{{- if .Repeats}}
FROM {{.Staged}} AS s
{{- else}}
FROM (
    SELECT s.*
    FROM {{.Altered}} AS a
    JOIN {{.Staged}} AS s ON s.ctid = a.{{.Own "place"}} AND s.tableoid = a.{{.Own "part"}}
    WHERE a.{{.Own "there"}}
    OFFSET 0
) AS s
{{- end}}
WHERE {{.Match "t" "s"}}
  AND ({{.Differs "t" "s" 4}});
{{end}}

{{inserts}}
INSERT INTO {{.Target}} ({{.List "" .Columns}}){{.Overriding}}
SELECT {{.New "s"}}
{{- if .Repeats}}
FROM {{.Staged}} AS s
WHERE NOT EXISTS (SELECT FROM {{.Target}} AS t WHERE {{.Match "t" "s"}});
{{- else}}
FROM (
    SELECT a.{{.Own "place"}}, a.{{.Own "part"}}
    FROM {{.Altered}} AS a
    WHERE NOT a.{{.Own "there"}}
      AND NOT EXISTS (SELECT FROM {{.Target}} AS t WHERE {{.Match "t" "a"}})
    OFFSET 0
) AS a
JOIN {{.Staged}} AS s ON s.ctid = a.{{.Own "place"}} AND s.tableoid = a.{{.Own "part"}};
{{- end}}

{{if not .Repeats -}}
{{prepares}}
SET LOCAL enable_hashjoin TO DEFAULT;

{{prepares}}
SET LOCAL enable_mergejoin TO DEFAULT;
{{end}}

{{else if .Key -}}
{{if .Repeats}}{{template "repeated.sql" .}}{{end}}
{{template "fixed" .}}
{{tells}}
-- Rows whose key returns stay and change in place, also those of another slice; rows of the slices that vanished are deleted.
--
-- It is one statement so that foreign keys are checked when all of it is done. The counts put the parts in order, since a new row may
-- carry the unique value of a vanished one.
WITH vanished AS (
    DELETE FROM {{.Target}} AS t
    USING {{.Slices}} AS b
    WHERE {{.InSlice "t" "b"}}
      AND NOT EXISTS (SELECT FROM {{.Staged}} AS s WHERE {{.Match "t" "s"}})
    RETURNING 1
){{if not .Range}}, vanished_of_null AS (
    DELETE FROM {{.Target}} AS t
    USING {{.Slices}} AS b
    WHERE {{.HasNull "b"}}
      AND {{.MatchSlice "t" "b"}}
      AND EXISTS (SELECT FROM {{.Slices}} AS b WHERE {{.HasNull "b"}})
      AND NOT EXISTS (SELECT FROM {{.Staged}} AS s WHERE {{.Match "t" "s"}})
    RETURNING 1
){{end}}, changed AS (
    {{- if .Set "s"}}
    UPDATE {{.Target}} AS t
    SET {{.Set "s"}}
    FROM {{.Staged}} AS s
    WHERE {{.Match "t" "s"}}
      AND {{template "gone first" .}}
      AND ({{.Differs "t" "s" 8}})
    RETURNING 1
    {{- else}}
    SELECT 1 WHERE false
    {{- end}}
), added AS (
    INSERT INTO {{.Target}} ({{.List "" .Columns}}){{.Overriding}}
    SELECT {{.New "s"}}
    FROM {{.Staged}} AS s
    WHERE (SELECT count(*) FROM changed) >= 0
      AND {{template "gone first" .}}
      AND NOT EXISTS (SELECT FROM {{.Target}} AS t WHERE {{.Match "t" "s"}})
    RETURNING 1
)
SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM changed), (SELECT count(*) FROM vanished)
    {{- if not .Range}} + (SELECT count(*) FROM vanished_of_null){{end}};

{{else -}}
{{template "empty slices" .}}

{{inserts}}
INSERT INTO {{.Target}} ({{.List "" .Columns}}){{.Overriding}}
SELECT {{.New "s"}}
FROM {{.Staged}} AS s;
{{end}}
{{- end}}

{{define "gone first" -}}
(SELECT count(*) FROM vanished) >= 0{{if not .Range}} AND (SELECT count(*) FROM vanished_of_null) >= 0{{end}}
{{- end}}

{{define "empty slices" -}}
{{if .Key}}{{deletes}}{{else}}{{prepares}}{{end}}
-- Rows of the slices that {{if .Key}}vanished{{else}}the run brings{{end}}.
DELETE FROM {{.Target}} AS t
USING {{.Slices}} AS b
WHERE {{.InSlice "t" "b"}}
  {{- if .Key}}
  AND NOT EXISTS (SELECT FROM {{.Staged}} AS s WHERE {{.Match "t" "s"}})
  {{- end}};
{{if not .Range}}
{{if .Key}}{{deletes}}{{else}}{{prepares}}{{end}}
DELETE FROM {{.Target}} AS t
USING {{.Slices}} AS b
WHERE {{.HasNull "b"}}
  AND {{.MatchSlice "t" "b"}}
  AND EXISTS (SELECT FROM {{.Slices}} AS b WHERE {{.HasNull "b"}})
  {{- if .Key}}
  AND NOT EXISTS (SELECT FROM {{.Staged}} AS s WHERE {{.Match "t" "s"}})
  {{- end}};
{{end}}
{{- end}}

{{define "out of slices" -}}
{{asks}}
SELECT EXISTS (SELECT FROM {{.Target}} AS t WHERE ({{template "in slice" .}}) IS NOT TRUE), EXISTS (SELECT FROM {{.Target}});
{{end}}

{{define "vanishing" -}}
{{asks}}
-- How many rows have keys that do not return.
SELECT count(*) FROM {{.Target}} AS t WHERE NOT EXISTS (SELECT FROM {{.Staged}} AS s WHERE {{.Match "t" "s"}});
{{end}}

{{define "empty part" -}}
{{prepares}}
TRUNCATE {{.Target}};
{{end}}
