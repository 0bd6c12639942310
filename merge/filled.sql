{{- /* filled: a tombstone without a value in the column of the order counts as the newest that is known of its key: of its rows, of
the run's tombstones, and of what arrived before it. It is given that value, so that nothing else needs to know. */ -}}

{{if le .Round 1 -}}
{{if .Elsewhere -}}
{{prepares}}
-- The rows are on other servers: what they say of the batch's keys is fetched once.
CREATE TEMP TABLE {{.RowsOfKeys}} ON COMMIT DROP AS
SELECT {{.List "t" .Key}}, t.{{.Fills}}
FROM {{.Target}} AS t
JOIN (SELECT DISTINCT {{.List "" .Key}} FROM {{.Unfilled}}) AS s ON {{.Match "t" "s"}}
  {{- .Within "t" .Unfilled}};
{{end}}

{{prepares}}
-- Tombstones without an order get the newest that is known of their key.
CREATE TEMP TABLE {{.Batch}} ON COMMIT DROP AS
SELECT {{.Filled}}
FROM (
    SELECT s.*, max(s.{{.Own "rank"}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "arrival"}}) AS {{.Own "newest"}}
    FROM (
        SELECT s.*, s.ctid AS {{.Own "arrival"}},
            rank() OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Fills}} NULLS FIRST) AS {{.Own "rank"}}
        FROM {{.Unfilled}} AS s
    ) AS s
) AS s
LEFT JOIN LATERAL (
    SELECT t.{{.Fills}}
    FROM {{.RowsOfKeys}} AS t
    WHERE s.{{.Gone}} AND s.{{.Fills}} IS NULL AND {{.Match "t" "s"}}
    ORDER BY t.{{.Fills}} DESC NULLS LAST
    LIMIT 1
) AS r ON true
{{- if .Tombstones}}
LEFT JOIN {{.Tombstones}} AS b ON {{.Match "b" "s"}}
{{- end}}
WINDOW so_far AS (PARTITION BY {{.List "s" .Key}}, s.{{.Own "newest"}} ORDER BY s.{{.Own "rank"}} DESC)
ORDER BY s.{{.Own "arrival"}};
{{end}}
