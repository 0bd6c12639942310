{{prepares}}
{{if eq .Round 1 -}}
-- rounds: the instants of some key run backwards within this batch. Each stretch without a step back is a round of its own,
-- which finds in the target what the rounds before it have made.
CREATE TEMP TABLE {{.Staged}} ON COMMIT DROP AS
SELECT s.*, 1 + count(*) FILTER (WHERE {{.Instant "s"}} < s.{{.Own "previous"}}) OVER so_far AS {{.Own "round"}}
FROM (
    SELECT s.*, ctid AS {{.Own "arrival"}}, lag({{.Instant "s"}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY ctid) AS {{.Own "previous"}}
    FROM {{.Batch}} AS s
) AS s
WINDOW so_far AS (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "arrival"}})
ORDER BY s.{{.Own "arrival"}};
{{- else -}}
DROP TABLE {{.Changes}}{{if .Elsewhere}}, {{.Current}}, {{.Back}}{{end}}{{if .Settles}}, {{.Ended}}{{end}};
{{- end}}

{{define "rounds"}}
{{prepares}}
-- One more than the steps back of the key that has most of them.
SELECT 1 + coalesce(max(steps), 0)
FROM (
    SELECT count(*) FILTER (WHERE s.{{.Own "at"}} < s.{{.Own "previous"}}) AS steps
    FROM (
        SELECT {{.List "s" .Key}}, {{.Instant "s"}} AS {{.Own "at"}},
            lag({{.Instant "s"}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY ctid) AS {{.Own "previous"}}
        FROM {{.Batch}} AS s
    ) AS s
    GROUP BY {{.List "s" .Key}}
) AS keys;
{{end}}
