-- soft_delete: upsert, except that a removed record keeps its last values and is marked as deleted. One that comes
-- back, by any record that is no tombstone, is unmarked, also when nothing else about it changed.
{{if .Spells}}{{template "spelled.sql" .}}{{end}}
{{if .Unfilled}}{{template "filled.sql" .}}{{end}}
{{if .Asks}}{{template "asked" .}}{{end}}
{{if .Repeats}}{{template "repeated.sql" .}}{{end}}
{{if and .Keeps .Version}}{{template "still there" .}}{{end}}
{{if .Order}}{{template "order.sql" .}}{{end}}
{{if or .Keeps .Only}}{{template "ignore.sql" .}}{{end}}
{{if .Folds}}{{template "fold.sql" .}}{{end}}

{{if not .Keeps}}{{template "fixed" .}}{{end}}
{{if .Elsewhere -}}
{{template "elsewhere" .}}
{{else if .Keeps -}}
{{inserts}}
-- Rows that are new. Those that are there are not even locked, and stay marked if they are.
INSERT INTO {{.Target}} ({{.List "" .Columns}}, {{.Deleted}}){{.Overriding}}
SELECT {{.New "s"}}, {{.Marked "s"}}
FROM {{.Source}} AS s
WHERE {{if .Removed}}NOT s.{{.Tombstone}}
  AND {{end}}NOT EXISTS (SELECT FROM {{.Target}} AS t WHERE {{.Match "t" "s"}})
ORDER BY {{.List "s" .Key}}
{{- if not .Apart}}
ON CONFLICT ({{.List "" .Key}}) DO NOTHING
{{- end}};

{{else if .Apart -}}
{{updates}}
-- Rows that changed or come back. Without a unique index, or with records that bring only some columns, there is
-- nothing for ON CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE {{.Target}} AS t
SET {{with .Set "s"}}{{.}},
    {{end}}{{.Deleted}} = {{.Marked "s"}}
FROM {{.Source}} AS s
WHERE {{template "if changed" .}}{{.Match "t" "s"}}
  {{- if .Removed}}
  AND NOT s.{{.Tombstone}}
  {{- end}}
  AND (t.{{.Deleted}} <> {{.Marked "s"}}
   OR {{.Differs "t" "s" 3}});

{{if not .Only -}}
{{inserts}}
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO {{.Target}} ({{.List "" .Columns}}, {{.Deleted}}){{.Overriding}}
SELECT {{.New "s"}}, {{.Marked "s"}}
FROM {{.Source}} AS s
WHERE {{template "if new" .}}{{if .Removed}}NOT s.{{.Tombstone}}
  AND {{end}}NOT EXISTS (SELECT FROM {{.Target}} AS t WHERE {{.Match "t" "s"}})
ORDER BY {{.List "s" .Key}};
{{end}}

{{else -}}
{{writes}}
-- Records that equal their row, if it is not marked, are left out before the INSERT and not by the WHERE of ON
-- CONFLICT, which would lock the row first: that writes to its page and to the log. ORDER BY lets two loaders lock rows
-- in one order, so that they wait for each other and do not deadlock.
INSERT INTO {{.Target}} AS t ({{.List "" .Columns}}, {{.Deleted}}){{.Overriding}}
SELECT {{.New "s"}}, {{.Marked "s"}}
FROM {{.Source}} AS s
LEFT JOIN {{.Target}} AS old ON {{.Match "old" "s"}}
WHERE {{if .Removed}}NOT s.{{.Tombstone}}
  AND {{end}}(old.tableoid IS NULL -- a new key
   OR old.{{.Deleted}} <> {{.Marked "s"}}
   OR {{.Differs "old" "s" 3}})
ORDER BY {{.List "s" .Key}}
ON CONFLICT ({{.List "" .Key}}) DO UPDATE
SET {{with .Set "excluded"}}{{.}},
    {{end}}{{.Deleted}} = excluded.{{.Deleted}};
{{end}}

{{if .Removed -}}
{{deletes}}
-- Tombstones of keys that this batch has no record of: the mark is set, and nothing but the source's own delete marks
-- is taken from them, and their order where there is one. Rows that are marked already stay as they are, but for the order;
-- unknown keys match nothing.
UPDATE {{.Target}} AS t
SET {{range .Marks}}{{if not ($.Raises .)}}{{.}} = {{if $.Raised}}CASE WHEN t.{{$.Deleted}} THEN t.{{.}} ELSE coalesce(s.{{.}}, t.{{.}}) END{{else}}coalesce(s.{{.}}, t.{{.}}){{end}},
    {{end}}{{end}}{{range .Raised}}{{.}} = s.{{.}},
    {{end}}{{.Deleted}} = true
FROM {{.Given .Source}} AS s
WHERE {{.Match "t" "s"}}
  AND s.{{.Tombstone}}
  AND {{if .Raised}}(NOT t.{{.Deleted}} OR {{.OrderDiffers "t" "s"}}){{else}}NOT t.{{.Deleted}}{{end}}
  {{- .Within "t" .Source}};
{{end}}
