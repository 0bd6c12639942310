{{prepares}}
-- fold: what several rows of one key amount to. Only where they do not simply replace one another: records that bring
-- some columns and not others (x-pipelinewise-record-update-mode: PATCH), and tombstones which keep the values before
-- them.
-- One row a key says what the whole batch makes of it.
CREATE TEMP TABLE {{.Source}} ON COMMIT DROP AS
SELECT DISTINCT ON ({{.List "s" .Key}})
    {{.List "s" .Key}}
    {{- range .Rest}},
    {{$.Folded .}} AS {{.}}
    {{- end}}
    {{- if .Patched}},
    {{.FoldedBits}} AS {{.Present}}
    {{- end}}
    {{- if .Tombstone}},
    coalesce(lead(true) OVER of_key, s.{{.Gone}}) AS {{.Gone}}, -- what follows the last record is a tombstone
    s.{{.Gone}} AS {{.Tombstone}} -- there is no record at all
    {{- else if .Removed}},
    s.{{.Gone}}
    {{- end}}
FROM (
    {{- if .Patched}}
    {{template "brought" .}}
    {{- else}}
    SELECT *, row_number() OVER (PARTITION BY {{.List "" .Key}} ORDER BY ctid)::int AS {{.Own "n"}}
    FROM {{.Staged}}
    {{- end}}
) AS s
WINDOW of_key AS (
    PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "n"}} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
{{- if .Tombstone}}
-- The last record, or where there is none the first tombstone.
ORDER BY {{.List "s" .Key}}, s.{{.Gone}}, CASE WHEN s.{{.Gone}} THEN s.{{.Own "n"}} ELSE -s.{{.Own "n"}} END;
{{- else}}
ORDER BY {{.List "s" .Key}}, s.{{.Own "n"}} DESC;
{{- end}}

{{define "brought" -}}
-- For every row and column, which row of the key so far brought the column last.
    SELECT s.*
        {{- range .Rest}},
        max(s.{{$.Own "n"}}) FILTER (WHERE {{$.Brings .}}) OVER so_far AS {{$.From .}}
        {{- end}}
    FROM (
        SELECT *, row_number() OVER ({{if .History}}{{template "in time" .}}{{else}}PARTITION BY {{.List "" .Key}} ORDER BY ctid{{end}})::int AS {{.Own "n"}}
        FROM {{if .History}}{{template "line" .}} AS s{{else}}{{.Staged}}{{end}}
    ) AS s
    WINDOW so_far AS (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "n"}})
{{- end}}
