{{- /* order: records that are older than what is known of their key are left out before the load mode sees the batch. So every
mode applies the records of a key in the order of their arrival, and none of them takes anything back.

The columns of the order decide; records that are equal there are applied in the order of their arrival. What is known of
a key is in its rows, since a row is given the order of the tombstone that closes or marks it, and, for tombstones that
leave no row, in a table that lives as long as the run. */ -}}

{{if .KnowsRows -}}
{{if .Elsewhere -}}
{{prepares}}
-- The rows are on other servers: what they say of the batch's keys is fetched once.
CREATE TEMP TABLE {{.Known}} ON COMMIT DROP AS
SELECT {{.List "t" .Key}}, {{.List "t" .Ordered}}
FROM {{.Target}} AS t
JOIN (SELECT DISTINCT {{.List "" .Key}} FROM {{.Batch}}) AS s ON {{.Match "t" "s"}}
  {{- .Within "t" .Batch}};
{{end}}

{{prepares}}
-- Older than a row of the key.
DELETE FROM {{.Batch}} AS s
USING {{.Known}} AS t
WHERE {{.Match "t" "s"}}
  AND {{.NotOlderThanKnown "s" "t"}} IS NOT TRUE;
{{end}}

{{if .Tombstones -}}
{{prepares}}
-- Older than a tombstone of this run.
DELETE FROM {{.Batch}} AS s
USING {{.Tombstones}} AS t
WHERE {{.Match "t" "s"}}
  AND {{.NotOlderThanKnown "s" "t"}} IS NOT TRUE;
{{end}}

{{if and .KnowsRows .Duplicates (not .Keeps) -}}
{{prepares}}
-- Older than a row of the batch that arrived before it.
DELETE FROM {{.Batch}} AS s
USING (
    SELECT o.{{.Own "place"}}, o.{{.Own "rank"}},
        max(o.{{.Own "rank"}}) OVER (PARTITION BY {{.List "o" .Key}} ORDER BY o.{{.Own "place"}}) AS {{.Own "newest"}}
    FROM (
        SELECT {{.List "s" .Key}}, s.ctid AS {{.Own "place"}},
            rank() OVER (PARTITION BY {{.List "s" .Key}} ORDER BY {{.Ascending "s"}}) AS {{.Own "rank"}}
        FROM {{.Batch}} AS s
        {{- if .Loose}}
        WHERE {{.HasOrder "s"}}
        {{- end}}
    ) AS o
) AS o
WHERE o.{{.Own "rank"}} < o.{{.Own "newest"}}
  AND o.{{.Own "place"}} = s.ctid;
{{end}}

{{if and .Tombstones .Removed -}}
{{prepares}}
-- The batches that follow have to know these tombstones.
INSERT INTO {{.Tombstones}} AS t ({{.List "" .Key}}, {{.List "" .Ordered}})
SELECT DISTINCT ON ({{.List "s" .Key}}) {{.List "s" .Key}}, {{.List "s" .Ordered}}
FROM {{.Batch}} AS s
WHERE s.{{.Gone}}
  {{- if .Loose}}
  AND {{.HasOrder "s"}}
  {{- end}}
ORDER BY {{.List "s" .Key}}, {{.Descending "s"}}, s.ctid DESC
ON CONFLICT ({{.List "" .Key}}) DO UPDATE
SET {{.SetOrder "excluded"}}
WHERE {{.NotOlderThanKnown "excluded" "t"}};
{{end}}
