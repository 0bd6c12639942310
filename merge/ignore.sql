{{- /* ignore: records that are left out because their key has a row (on_conflict: ignore) or has none (on_missing: ignore). */ -}}

{{if and .Elsewhere (or .Only .Chooses) -}}
{{prepares}}
-- The rows are on other servers: what they say of the batch's keys is fetched once.
CREATE TEMP TABLE {{.There}} ON COMMIT DROP AS
SELECT {{.List "t" .Key}}{{if .Ordered}}, {{.List "t" .Ordered}}{{end}}
FROM {{.Target}} AS t
JOIN (SELECT DISTINCT {{.List "" .Key}} FROM {{.Batch}}) AS s ON {{.Match "t" "s"}}
  {{- .Within "t" .Batch}};
{{end}}

{{if .Only -}}
{{template "missing" .}}
{{end}}

{{if .Chooses -}}
{{template "choose" .}}
{{end}}

{{define "missing" -}}
{{ignores}}
DELETE FROM {{.Batch}} AS s
WHERE {{if .Removed}}NOT s.{{.Gone}}
  AND {{end}}NOT EXISTS (SELECT FROM {{.There}} AS t WHERE {{.Match "t" "s"}});
{{end}}

{{define "choose" -}}
{{prepares}}
-- Which record of a key is the first depends on the tombstones before it. So records and tombstones are looked at one after the
-- other: a record counts where there is no row, a tombstone where it is not older than what counted before it.
CREATE TEMP TABLE {{.Events}} ON COMMIT DROP AS
SELECT {{.List "s" .Key}}{{if .Ordered}}, {{.List "s" .Ordered}}{{end}}, s.{{.Gone}}, s.ctid AS {{.Own "place"}},
    row_number() OVER (PARTITION BY {{.List "s" .Key}} ORDER BY s.ctid)::int AS {{.Own "n"}}
FROM {{.Batch}} AS s;

{{prepares}}
-- The row that is there comes before them.
INSERT INTO {{.Events}}
SELECT DISTINCT ON ({{.List "t" .Key}}) {{.List "t" .Key}}{{if .Ordered}}, {{.List "t" .Ordered}}{{end}}, false, NULL, 0
FROM {{.There}} AS t
WHERE EXISTS (SELECT FROM {{.Batch}} AS s WHERE {{.Match "t" "s"}})
ORDER BY {{.List "t" .Key}}{{if .Ordered}}, {{.Descending "t"}}{{end}};

{{prepares}}
CREATE INDEX ON {{.Events}} ({{.List "" .Key}}, {{.Own "n"}});

{{prepares}}
WITH RECURSIVE looked AS (
    SELECT {{.List "s" .Key}}, 0 AS {{.Own "n"}}, 0 AS {{.Own "last"}}, t.{{.Own "n"}} IS NOT NULL AS {{.Own "there"}}
    FROM {{.Events}} AS s
    LEFT JOIN {{.Events}} AS t ON {{.Match "t" "s"}} AND t.{{.Own "n"}} = 0
    WHERE s.{{.Own "n"}} = 1
    UNION ALL
    SELECT {{.List "s" .Key}}, s.{{.Own "n"}},
        CASE WHEN c.{{.Own "counts"}} THEN s.{{.Own "n"}} ELSE l.{{.Own "last"}} END,
        CASE WHEN c.{{.Own "counts"}} THEN {{if .SoftDelete}}l.{{.Own "there"}} OR {{end}}NOT s.{{.Gone}} ELSE l.{{.Own "there"}} END
    FROM looked AS l
    JOIN {{.Events}} AS s ON {{.Match "s" "l"}} AND s.{{.Own "n"}} = l.{{.Own "n"}} + 1
    LEFT JOIN {{.Events}} AS b ON {{.Match "b" "l"}} AND b.{{.Own "n"}} = l.{{.Own "last"}}
    CROSS JOIN LATERAL (
        SELECT (s.{{.Gone}} OR NOT l.{{.Own "there"}})
          {{- if .Ordered}}
          AND (b.{{.Own "n"}} IS NULL OR {{.NotOlderThanKnown "s" "b"}})
          {{- end}} AS {{.Own "counts"}}
    ) AS c
)
DELETE FROM {{.Batch}} AS s
USING {{.Events}} AS e
WHERE e.{{.Own "place"}} = s.ctid
  AND NOT EXISTS (
      SELECT
      FROM looked AS l
      WHERE {{.Match "l" "e"}} AND l.{{.Own "n"}} = e.{{.Own "n"}} AND l.{{.Own "last"}} = e.{{.Own "n"}}
  );
{{if .Deletes}}
{{passes}}
-- Of the records that count, those after which a tombstone comes leave no row, and have not been ignored.
SELECT
FROM {{.Batch}} AS s
WHERE NOT s.{{.Gone}}
  AND EXISTS (SELECT FROM {{.Batch}} AS o WHERE {{.Match "o" "s"}} AND o.{{.Gone}} AND o.ctid > s.ctid);
{{end -}}
{{end}}

{{define "still there" -}}
{{if ne .Passed .Batch -}}
{{prepares}}
-- The rows are on other servers: which of them are told a version is made out here. Citus takes no subquery for that.
CREATE TEMP TABLE {{.Passed}} ON COMMIT DROP AS
SELECT {{.List "s" .Key}}, s.{{.Version}}
FROM {{.Batch}} AS s
WHERE true
  {{- template "of this pass" .}};
{{end}}

{{prepares}}
-- A row that stays as it is has still been in this pass of the stream: the end of the pass would remove it otherwise.
UPDATE {{.Target}} AS t
SET {{.Version}} = s.{{.Version}}
FROM {{.Given .Passed}} AS s
WHERE {{.Match "t" "s"}}
  {{- if eq .Passed .Batch}}{{template "of this pass" .}}{{end}}
  AND (t.{{.Version}} IS NULL OR t.{{.Version}} < s.{{.Version}})
  {{- .Within "t" .Passed}};
{{end}}

{{define "of this pass" -}}
  {{- if .Removed}}
  AND NOT s.{{.Gone}}
  {{- end}}
  {{- if .Duplicates}}
  AND NOT EXISTS (SELECT FROM {{.Batch}} AS o WHERE {{.Match "o" "s"}} AND o.{{.Version}} > s.{{.Version}})
  {{- end}}
{{- end}}
