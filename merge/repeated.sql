{{- /* repeated: rows of the target that have one key, because nothing unique forbids them. Of a key that the batch touches the newest
row stays; the others go before anything is merged. Keys that the batch does not touch stay as they are. */ -}}

{{if .History -}}
{{updates}}
-- Of several active versions the newest stays active. Every other one ends where the next begins.
UPDATE {{.Target}} AS t
SET {{.End}} = r.upto,
    {{.Active}} = false
FROM (
    {{- template "repeated rows" .}}
) AS r
WHERE r.n > 1
  AND t.ctid = r.place
  AND t.tableoid = r.part;

{{else -}}
{{deletes}}
DELETE FROM {{.Target}} AS t
USING (
    {{- template "repeated rows" .}}
) AS r
WHERE {{template "if repeated" .}}r.n > 1
  AND t.ctid = r.place
  AND t.tableoid = r.part;
{{end}}

{{define "repeated rows"}}
    SELECT v.ctid AS place, v.tableoid AS part, row_number() OVER newest_first AS n
        {{- if .History}}, lag(v.{{.Start}}) OVER newest_first AS upto{{end}}
    FROM {{.Target}} AS v
    WHERE {{if .History}}v.{{.Active}}
      AND {{end}}EXISTS (SELECT FROM {{.Batch}} AS s WHERE {{.Match "v" "s"}})
    WINDOW newest_first AS (PARTITION BY {{.List "v" .Key}} ORDER BY {{.Newest "v"}})
{{- end}}
