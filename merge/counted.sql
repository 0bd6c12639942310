{{if .Elsewhere -}}
{{prepares}}
-- The rows are on other servers: what decides about the batch's keys is fetched once.
CREATE TEMP TABLE {{.Stored}} ON COMMIT DROP AS
SELECT {{.List "t" .Key}}, {{.OrderOf "t"}}
FROM {{.Target}} AS t
JOIN (SELECT DISTINCT {{.List "" .Key}} FROM {{.Batch}}) AS s ON {{.Match "t" "s"}}
  {{- .Within "t" .Batch}};
{{end}}

{{prepares}}
-- counted: an older record must not overwrite a newer one, and neither may what it brings of a partial one's columns. So the
-- records that are older than their row, or than one that arrived before them, are left out first. Those that are left
-- are in order by their arrival.
CREATE TEMP TABLE {{.Staged}} ON COMMIT DROP AS
SELECT s.*
FROM (
    SELECT s.*, max(s.{{.Own "rank"}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "arrival"}}) AS {{.Own "newest"}}
    FROM (
        SELECT s.*, s.ctid AS {{.Own "arrival"}},
            row_number() OVER (PARTITION BY {{.List "s" .Key}} ORDER BY {{.Oldest "s"}}, s.ctid) AS {{.Own "rank"}}
        FROM {{.Batch}} AS s
        LEFT JOIN {{.Stored}} AS t ON {{.Match "t" "s"}}
        WHERE t.tableoid IS NULL
           OR {{.NotOlderThanRow "s" "t"}}
    ) AS s
) AS s
WHERE s.{{.Own "rank"}} = s.{{.Own "newest"}}
ORDER BY s.{{.Own "arrival"}};
