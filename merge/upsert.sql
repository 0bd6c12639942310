-- upsert: insert or update by key; the last record of a key wins. A record that equals its row writes nothing.
{{if .Spells}}{{template "spelled.sql" .}}{{end}}
{{if .Unfilled}}{{template "filled.sql" .}}{{end}}
{{if .Asks}}{{template "asked" .}}{{end}}
{{if .Repeats}}{{template "repeated.sql" .}}{{end}}
{{if and .Keeps .Version}}{{template "still there" .}}{{end}}
{{if or .Tombstones .KnowsRows}}{{template "order.sql" .}}{{end}}
{{if or .Keeps .Only}}{{template "ignore.sql" .}}{{end}}
{{if .Counts}}{{template "counted.sql" .}}{{end}}
{{if .Folds}}{{template "fold.sql" .}}{{end}}

{{if .Deletes -}}
{{if .Elsewhere -}}
{{prepares}}
CREATE TEMP TABLE {{.Tombs}} ON COMMIT DROP AS
SELECT {{.List "s" .Key}}{{if .Order}}, {{.List "s" .Ordered}}{{end}}
FROM {{.Staged}} AS s
WHERE s.{{.Gone}};
{{end}}

{{deletes}}
-- A tombstone deletes its row, also when a later record of this batch brings the key back: what comes then is a new
-- row, through which nothing of the old one shines. Unknown keys match nothing.
DELETE FROM {{.Target}} AS t
USING {{if .Elsewhere}}{{.Given .Tombs}}{{else}}{{.Staged}}{{end}} AS s
WHERE {{if not .Elsewhere}}s.{{.Gone}}
  AND {{end}}{{.Match "t" "s"}}
  {{- if .Order}}
  AND {{.NotOlder "s" "t"}}
  {{- end}}
  {{- .Within "t" .Tombs}};
{{end}}

{{if not .Keeps}}{{template "fixed" .}}{{end}}
{{if .Elsewhere -}}
{{template "elsewhere" .}}
{{else if .Keeps -}}
{{inserts}}
-- Rows that are new. Those that are there are not even locked.
INSERT INTO {{.Target}} ({{.List "" .Columns}}){{.Overriding}}
SELECT {{.New "s"}}
FROM {{.Source}} AS s
WHERE {{if .Deletes}}NOT s.{{.Gone}}
  AND {{end}}NOT EXISTS (SELECT FROM {{.Target}} AS t WHERE {{.Match "t" "s"}})
ORDER BY {{.List "s" .Key}}
{{- if not .Apart}}
ON CONFLICT ({{.List "" .Key}}) DO NOTHING
{{- end}};

{{else if .Apart -}}
{{if .Set "s" -}}
{{updates}}
-- Rows that changed. Without a unique index, or with records that bring only some columns, there is nothing for ON
-- CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE {{.Target}} AS t
SET {{.Set "s"}}
FROM {{.Source}} AS s
WHERE {{template "if changed" .}}{{.Match "t" "s"}}
  {{- if .Deletes}}
  AND NOT s.{{.Gone}}
  {{- end}}
  {{- if .Order}}
  AND {{.NotOlder "s" "t"}}
  {{- end}}
  AND ({{.Differs "t" "s" 4}});
{{end}}

{{if not .Only -}}
{{inserts}}
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO {{.Target}} ({{.List "" .Columns}}){{.Overriding}}
SELECT {{.New "s"}}
FROM {{.Source}} AS s
WHERE {{template "if new" .}}{{if .Deletes}}NOT s.{{.Gone}}
  AND {{end}}NOT EXISTS (SELECT FROM {{.Target}} AS t WHERE {{.Match "t" "s"}})
ORDER BY {{.List "s" .Key}};
{{end}}

{{else -}}
{{writes}}
-- Records that equal their row are left out before the INSERT and not by the WHERE of ON CONFLICT, which would lock the
-- row first: that writes to its page and to the log. So ON CONFLICT sees changed rows, and those that another loader
-- inserted meanwhile. ORDER BY lets two loaders lock rows in one order, so that they wait for each other and do not
-- deadlock.
INSERT INTO {{.Target}} AS t ({{.List "" .Columns}}){{.Overriding}}
SELECT {{.New "s"}}
FROM {{.Source}} AS s
LEFT JOIN {{.Target}} AS old ON {{.Match "old" "s"}}
WHERE {{if .Deletes}}NOT s.{{.Gone}}
  AND {{end}}(old.tableoid IS NULL -- a new key
      {{- if .Order}}
   OR {{.NotOlder "s" "old"}}
  AND ({{.Differs "old" "s" 4}})
      {{- else}}
   OR {{.Differs "old" "s" 3}}
      {{- end}})
ORDER BY {{.List "s" .Key}}
ON CONFLICT ({{.List "" .Key}}) DO
{{- if .Set "excluded"}} UPDATE
SET {{.Set "excluded"}}
{{- if .Order}}
WHERE {{.NotOlder "excluded" "t"}}
{{- end}}
{{- else}} NOTHING
{{- end}};
{{end}}
