{{if le .Round 1 -}}
{{prepares}}
-- spelled: keys that are equal may be spelled in several ways, such as 1 and 1.0. The first record's spelling stays, as if
-- each record were a batch of its own. After a tombstone that takes its row away, the next record's counts.
CREATE TEMP TABLE {{.OneSpelling}} ON COMMIT DROP AS
SELECT {{.Spelled}}
FROM (
    {{- if .Ordered}}
    SELECT s.*
        {{- if .Lives}},
        count(*) FILTER (WHERE s.{{.Gone}} AND s.{{.Own "counts"}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "arrival"}}) AS {{.Own "life"}}
        {{- end}}
    FROM (
        SELECT s.*, ({{.InOrder}}) IS TRUE AS {{.Own "counts"}} -- else the record is older than what is known of its key, and left out
        FROM (
            SELECT s.*, max(s.{{.Own "rank"}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "arrival"}}) AS {{.Own "newest"}}
            FROM (
                SELECT s.*, s.ctid AS {{.Own "arrival"}}, rank() OVER (PARTITION BY {{.List "s" .Key}} ORDER BY {{.Ascending "s"}}) AS {{.Own "rank"}}
                FROM {{.AsItCame}} AS s
            ) AS s
        ) AS s
        {{- if .Versions}}
        LEFT JOIN {{.Target}} AS l ON {{.Match "l" "s"}} AND l.{{.Active}}
        {{- end}}
        {{- if .Tombstones}}
        LEFT JOIN {{.Tombstones}} AS b ON {{.Match "b" "s"}}
        {{- end}}
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
    ORDER BY {{if .Ordered}}s.{{.Own "counts"}} DESC, {{end}}{{if .Removed}}s.{{.Gone}}, {{end}}s.{{.Own "arrival"}}
)
ORDER BY s.{{.Own "arrival"}};
{{end}}
