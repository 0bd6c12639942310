{{- /* superseded: records of a key that comes more than once, kept beside the table in which they gather. Should the stream's own
table refuse the last one, an earlier one takes its place. */ -}}

{{prepares}}
-- What the table has of a key before its second record changes it.
INSERT INTO {{.Kept}} ({{.List "" .Columns}}{{range .Gathered}}, {{.}}{{end}})
SELECT {{.List "t" .Columns}}{{range .Gathered}}, t.{{.}}{{end}}
FROM {{.Target}} AS t
WHERE EXISTS (SELECT FROM {{.Batch}} AS s WHERE {{.Match "t" "s"}})
  AND NOT EXISTS (SELECT FROM {{.Kept}} AS k WHERE {{.Match "k" "t"}})
ON CONFLICT DO NOTHING;

{{prepares}}
-- Every record of such a key, with the names of the columns that it brings.
INSERT INTO {{.Kept}} ({{.List "" .Columns}}, {{.Brought}})
SELECT {{.List "s" .Columns}}, {{.NamesBrought}}
FROM {{.Batch}} AS s
WHERE EXISTS (SELECT FROM {{.Kept}} AS k WHERE {{.Match "k" "s"}})
{{- if .Duplicates}}
   OR EXISTS (SELECT FROM {{.Batch}} AS other WHERE {{.Match "other" "s"}} AND other.ctid <> s.ctid)
{{- end}}
ORDER BY s.ctid
ON CONFLICT DO NOTHING;
