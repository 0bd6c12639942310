{{if le .Round 1 -}}
{{prepares}}
-- spelled: keys that are equal may be spelled in several ways, such as 1 and 1.0. The first record's spelling stays, as if
-- each record were a batch of its own. After a tombstone that takes its row away, the next record's counts.
CREATE TEMP TABLE {{.Batch}} ON COMMIT DROP AS
SELECT {{.Spelled}}
FROM (
    {{- if and .Lives .Ordered}}
    SELECT s.*, count(*) FILTER (WHERE s.{{.Gone}} AND {{.InOrder}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "arrival"}}) AS {{.Own "life"}}
    FROM (
        SELECT s.*, max(s.{{.Own "rank"}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "arrival"}}) AS {{.Own "newest"}}
        FROM (
            SELECT s.*, s.ctid AS {{.Own "arrival"}}, rank() OVER (PARTITION BY {{.List "s" .Key}} ORDER BY {{.Ascending "s"}}) AS {{.Own "rank"}}
                {{- if .Versions}},
                {{.NotOlderThanKnown "s" "l"}} AS {{.Own "newer"}}
                {{- end}}
            FROM {{.AsItCame}} AS s
            {{- if .Versions}}
            LEFT JOIN {{.Target}} AS l ON {{.Match "l" "s"}} AND l.{{.Active}}
            {{- end}}
        ) AS s
    ) AS s
    {{- else}}
    SELECT s.*, s.ctid AS {{.Own "arrival"}}
        {{- if .Lives}},
        count(*) FILTER (WHERE s.{{.Gone}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.ctid) AS {{.Own "life"}}
        {{- end}}
    FROM {{.AsItCame}} AS s
    {{- end}}
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
