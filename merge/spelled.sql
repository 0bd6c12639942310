{{if le .Round 1 -}}
{{prepares}}
-- spelled: keys that are equal may be spelled in several ways, such as 1 and 1.0. The first record's spelling stays, as if
-- each record were a batch of its own. After a tombstone that takes its row away, the next record's counts.
CREATE TEMP TABLE {{.Batch}} ON COMMIT DROP AS
SELECT {{.Spelled}}
FROM (
    SELECT s.*, s.ctid AS {{.Own "arrival"}}
        {{- if .Lives}},
        count(*) FILTER (WHERE s.{{.Gone}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.ctid) AS {{.Own "life"}}
        {{- end}}
    FROM {{.AsItCame}} AS s
) AS s
{{- if .Versions}}
LEFT JOIN {{.Target}} AS l ON {{.Match "l" "s"}} AND l.{{.Active}}
{{- end}}
WINDOW of_key AS (
    PARTITION BY {{.List "s" .Key}}{{if .Lives}}, s.{{.Own "life"}}{{end}}
    ORDER BY {{if .Removed}}s.{{.Gone}}, {{end}}s.{{.Own "arrival"}}
)
ORDER BY s.{{.Own "arrival"}};
{{end}}
