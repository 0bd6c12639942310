-- history: every version of a key is a row, from its start until its end, which is NULL while it is the active one. A
-- changed record ends the active version where the new one starts, an unchanged one adds nothing, a removed one ends
-- it.
--
-- Records of a key are taken in the order of their arrival, and the key's time never runs backwards. A record is late
-- when its instant lies before the newest start or end that the key has. If the history agrees with it, as of its
-- instant, it says nothing new, so that sending rows again is safe; else it takes effect at that newest start or end. A
-- record without an instant of its own, which is late only where the server's clock was set back, always takes effect. A
-- late tombstone is left out: it says nothing of what came after it.
--
-- Where an order decides, older records have been left out before. Those that remain take effect, at the newest start or
-- end if they are late. Only where the order is loose, records without it follow the rules above.

{{if .Spells}}{{template "spelled.sql" .}}{{end}}
{{if .Unfilled}}{{template "filled.sql" .}}{{end}}
{{if and .Repeats (le .Round 1)}}{{template "repeated.sql" .}}{{end}}
{{if and .Order (le .Round 1)}}{{template "order.sql" .}}{{end}}
{{if .Round}}{{template "rounds.sql" .}}{{end}}

{{if .Elsewhere -}}
{{prepares}}
-- The rows are on other servers: what there is of the batch's keys is fetched once{{if .Raised}}, versions of no length as they came{{end}}.
CREATE TEMP TABLE {{.Current}} ON COMMIT DROP AS
SELECT {{.List "t" .Columns}}, t.{{.Start}}, t.{{.End}}, t.{{.Active}}
FROM {{.Target}} AS t
JOIN (SELECT DISTINCT {{.List "" .Key}} FROM {{.Staged}}) AS s ON {{.Match "t" "s"}}
  {{- .Within "t" .Staged}}
{{- if .Raised}}
ORDER BY t.{{.Start}}, t.{{.End}}, {{.Ascending "t"}}
{{- end}};
{{end}}

{{prepares}}
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE {{.Changes}} ON COMMIT DROP AS
WITH {{template "news" .}}
{{template "changes" .}}
{{- if .Alone}}
WITH NO DATA;

{{inserts}}
-- The only record of a key without any version is a version as it is. It goes straight into the table.
WITH {{template "news" .}},
changes AS (
INSERT INTO {{.Changes}}
{{template "changes" .}}
)
INSERT INTO {{.Target}} ({{.List "" .Columns}}, {{.Start}}, {{.End}}, {{.Active}}{{with .Hash}}, {{.}}{{end}}){{.Overriding}}
SELECT {{.New "s"}}, {{.Instant "s"}}, {{.Ends "NULL"}}, true{{if .Hash}}, {{.HashOf "s"}}{{end}}
FROM news AS s
WHERE NOT s.{{.Own "met"}}
  AND NOT s.{{.Gone}}
ORDER BY {{.List "s" .Key}}
{{- end}};

{{prepares}}
-- 2. Of equal versions that start at one instant the last stands for all, in the row of one that is in the table: the key
-- went away from it and came back.
WITH same AS (
    SELECT c.ctid AS change, row_number() OVER latest AS nth,
        first_value(c.{{.Own "part"}}) OVER stored AS part, first_value(c.{{.Own "place"}}) OVER stored AS place
    FROM {{.Changes}} AS c
    WHERE c.{{.Own "brief"}}
      AND (c.{{.Start}} IS NOT NULL OR NOT c.{{.Gone}})
    WINDOW latest AS (PARTITION BY {{.Distinction "c"}} ORDER BY c.{{.Own "n"}} DESC),
        stored AS (PARTITION BY {{.Distinction "c"}} ORDER BY c.{{.Start}} IS NULL, c.{{.Own "n"}} DESC)
), others AS (
    DELETE FROM {{.Changes}} AS c
    USING same
    WHERE same.nth > 1
      AND c.ctid = same.change
)
UPDATE {{.Changes}} AS c
SET {{.Own "part"}} = same.part,
    {{.Own "place"}} = same.place
FROM same
WHERE same.nth = 1
  AND same.part IS NOT NULL
  AND c.ctid = same.change
  AND c.{{.Start}} IS NULL;

{{if .Settles -}}
{{prepares}}
-- What the rows over there are told is made out here: Citus computes nothing for an UPDATE that is not IMMUTABLE.
CREATE TEMP TABLE {{.Ended}} ON COMMIT DROP AS
SELECT c.*
    {{- range .Raised}}, t.{{.}} AS {{$.Former .}}{{end}}
    {{- if and .Hash .Raised}}, {{.HashOf "c"}} AS {{.Own "hash"}}{{end}}
FROM {{.Changes}} AS c
JOIN {{.Current}} AS t ON t.ctid = c.{{.Own "place"}} AND t.tableoid = c.{{.Own "part"}}
WHERE c.{{.Start}} IS NOT NULL
  AND ({{if .Raised}}c.{{.Gone}} AND ({{.OrderDiffers "t" "c"}})
   OR {{end}}NOT c.{{.Gone}} AND (c.{{.Own "upto"}} IS NOT NULL{{if .Told}} OR {{.TellsMore "t" "c"}}{{end}}));
{{end}}

{{updates}}
-- 3. Versions that end{{if .Told}}, or of which a record tells what makes no version{{end}}{{if .Raised}}, or have the order of a tombstone after them{{end}}.
UPDATE {{.Target}} AS t
SET {{.End}} = {{.Ends (print "c." (.Own "upto"))}},
    {{.Active}} = c.{{.Own "upto"}} IS NULL
    {{- range .Told}}, {{.}} = {{$.Value "t" "c" .}}{{end}}
    {{- range .Raised}}, {{.}} = c.{{.}}{{end}}
    {{- if and .Hash .Raised}}, {{.Hash}} = CASE WHEN t.{{.Hash}} IS NOT NULL THEN {{if .Settles}}c.{{.Own "hash"}}{{else}}{{.HashOf "c"}}{{end}} END{{end}}
FROM {{.Given .Ended}} AS c
WHERE {{.Match "t" "c"}}
  AND c.{{.Start}} IS NOT NULL
  {{- if and .Raised (not .Elsewhere)}}
  AND t.ctid = c.{{.Own "place"}}
  AND t.tableoid = c.{{.Own "part"}}
  AND ({{.EndOf "t"}} IS NULL AND c.{{.Own "upto"}} IS NOT NULL OR {{.OrderDiffers "t" "c"}}
  {{- else if .Raised}}
  AND (c.{{.Gone}}
  AND t.{{.Start}} = c.{{.Start}}
  AND {{.EndOf "t"}} = c.{{.Own "upto"}}
  AND NOT ({{.OrderChanged "t" "c"}})
   OR NOT c.{{.Gone}}
  AND t.{{.Active}}
  AND ({{if .Settles}}true{{else}}c.{{.Own "upto"}} IS NOT NULL{{end}}
  {{- else}}
  AND NOT c.{{.Gone}}
  {{- if .Late}}
  AND t.{{.Start}} = c.{{.Start}}
  AND (c.{{.End}} IS NULL OR c.{{.End}} > c.{{.Start}})
  AND (t.{{.Active}} AND ({{if .Settles}}true{{else}}c.{{.Own "upto"}} IS NOT NULL{{end}}
  {{- else}}
  AND t.{{.Active}}
  AND ({{if .Settles}}true{{else}}c.{{.Own "upto"}} IS NOT NULL{{end}}
  {{- end}}
  {{- end}}
  {{- if and .Told (not .Settles)}} OR {{.TellsMore "t" "c"}}{{end}}
  {{- if .Late}}) OR {{.EndOf "t"}} > t.{{.Start}} AND {{.EndOf "t"}} <> c.{{.Own "upto"}}{{end}})
  {{- if and .Raised .Elsewhere}}){{end}}
  {{- .Within "t" .Ended}};

{{if .Elsewhere -}}
{{prepares}}
-- 4. Which row over there comes back cannot be said by all its values: Citus compares none by its text. So all versions that
-- start at that instant are deleted, and come again below.
CREATE TEMP TABLE {{.Back}} ON COMMIT DROP AS
SELECT DISTINCT {{.List "" .Key}}, {{.Own "at"}}
FROM {{.Changes}}
WHERE {{.Start}} IS NULL
  AND {{.Own "part"}} IS NOT NULL;

{{prepares}}
UPDATE {{.Changes}} AS c
SET {{.Own "part"}} = NULL
FROM {{.Back}} AS b
WHERE {{.Match "c" "b"}}
  AND c.{{.Own "at"}} = b.{{.Own "at"}};

{{prepares}}
DELETE FROM {{.Target}} AS t
USING {{.Given .Back}} AS c
WHERE {{.Match "t" "c"}}
  AND t.{{.Start}} = c.{{.Own "at"}}
  {{- .Within "t" .Back}};

{{else -}}
{{range .Passes -}}
{{updates}}
-- 4. Versions of no length that come back, the one that is active now after the others.
UPDATE {{$.Target}} AS t
SET {{with $.Set "c"}}{{.}},
    {{end}}{{$.End}} = {{$.Ends (print "c." ($.Own "upto"))}},
    {{$.Active}} = c.{{$.Own "upto"}} IS NULL
    {{- if and $.Hash $.Raised}},
    {{$.Hash}} = CASE WHEN t.{{$.Hash}} IS NOT NULL THEN {{$.HashOf "c"}} END{{end}}
FROM {{$.Changes}} AS c
WHERE {{$.Match "t" "c"}}
  AND t.ctid = c.{{$.Own "place"}}
  AND t.tableoid = c.{{$.Own "part"}}
  AND c.{{$.Start}} IS NULL
  AND c.{{$.Own "part"}} IS NOT NULL
  AND c.{{$.Own "upto"}} {{.}};

{{end}}
{{end}}
{{inserts}}
-- 5. All others start as new rows.
INSERT INTO {{.Target}} ({{.List "" .Columns}}, {{.Start}}, {{.End}}, {{.Active}}{{with .Hash}}, {{.}}{{end}}){{.Overriding}}
SELECT {{.New "c"}}, c.{{.Own "at"}}, {{.Ends (print "c." (.Own "upto"))}}, c.{{.Own "upto"}} IS NULL{{if .Hash}}, {{.HashOf "c"}}{{end}}
FROM {{.Changes}} AS c
WHERE c.{{.Own "part"}} IS NULL
  AND (c.{{.Start}} IS NOT NULL OR NOT c.{{.Gone}})
ORDER BY {{.List "c" .Key}}, c.{{.Own "n"}};

{{define "news" -}}
news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *{{if .Alone}}, s.{{.Own "known"}} OR coalesce((SELECT true FROM {{.Current}} AS v WHERE {{.Match "v" "s"}} LIMIT 1), false) AS {{.Own "met"}}{{end}}
    FROM (
        SELECT s.*, {{if .Duplicates}}bool_or({{end}}CASE WHEN s.{{.Gone}} THEN {{if or .Raised .Late}}true{{else}}s.{{.Own "known"}}{{end}} ELSE s.{{.Own "differs"}}{{if .Told}} OR s.{{.Own "told"}}{{end}} END
            {{- if .Duplicates}}) OVER (PARTITION BY {{.List "s" .Key}}){{end}} AS {{.Own "news"}}
        FROM (
            SELECT {{.Lifted "s" "l"}}, {{if .Patched}}s.{{.Present}}, {{end}}{{if .Removed}}s.{{.Gone}}{{else}}false AS {{.Gone}}{{end}}, s.{{.Instants}},
                s.ctid AS {{.Own "place"}}, l.tableoid IS NOT NULL AS {{.Own "known"}},
                l.tableoid IS NULL{{if .Late}} OR {{.Instant "s"}} < l.{{.Start}}{{end}}
                OR {{.Differs "l" "s" 16}} AS {{.Own "differs"}}
                {{- if .Told}}, {{.TellsMore "l" "s"}} AS {{.Own "told"}}{{end}}
            FROM {{.Staged}} AS s
            LEFT JOIN {{.Current}} AS l ON {{.Match "l" "s"}} AND l.{{.Active}}
            {{- if .Round}}
            WHERE s.{{.Own "round"}} = {{.Round}}
            {{- end}}
        ) AS s
    ) AS s
    WHERE s.{{.Own "news"}}
)
{{- end}}

{{define "changes" -}}
{{if .Late}}{{template "late changes" .}}{{else -}}
SELECT {{.RunValues "s"}},
    s.{{.Gone}}, s.{{.Own "n"}}, s.{{.Start}}, s.{{.Own "part"}}, s.{{.Own "place"}},
    s.{{.Own "at"}}, coalesce(s.{{.End}}, lead(s.{{.Own "at"}}) OVER of_key) AS {{.Own "upto"}},
    lag(s.{{.Own "at"}}, 2) OVER of_key = s.{{.Own "at"}}
    OR lead(s.{{.Own "at"}}, 2) OVER of_key = s.{{.Own "at"}}
    OR lag(s.{{.Own "at"}}) OVER of_key = s.{{.Own "at"}} AND (lag(s.{{.Gone}}) OVER of_key OR lead(s.{{.Own "at"}}) OVER of_key = s.{{.Own "at"}})
    OR s.{{.Gone}} AND lead(s.{{.Own "at"}}) OVER of_key = s.{{.Own "at"}} AS {{.Own "brief"}}
FROM (
    SELECT {{.List "s" .Columns}}, s.{{.Gone}}, s.{{.Start}}, s.{{.End}}, s.{{.Own "part"}}, s.{{.Own "place"}},
        row_number() OVER so_far AS {{.Own "n"}},
        coalesce(s.{{.Start}}, greatest({{.Instant "s"}}, s.{{.Own "bound"}})) AS {{.Own "at"}},
        NOT coalesce(lag(s.{{.Gone}}) OVER so_far, true) AS {{.Own "alive"}},
        {{if .Duplicates}}({{.DiffersFromLast "s" 8}}) AS {{.Own "differs"}}{{else}}s.{{.Own "differs"}}{{end}}
        {{- range .Told}},
        lag(s.{{.}}) OVER so_far AS {{$.Former .}},
        last_value(s.{{.}}) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS {{$.Final .}}
        {{- end}}
        {{- range .Raised}},
        {{if $.Loose}}max{{else}}last_value{{end}}(s.{{.}}) OVER in_a_row AS {{$.Latest .}}
        {{- end}}
    FROM {{template "rows" .}} AS s
    WINDOW so_far AS ({{template "in time" .}})
        {{- if .Raised}},
        in_a_row AS (PARTITION BY {{.List "s" .Key}}, s.{{.Own "records"}} ORDER BY s.{{.Start}}, s.{{.End}}, s.{{.Own "place"}}
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        {{- end}}
) AS s
WHERE s.{{.Start}} IS NOT NULL
   OR CASE WHEN s.{{.Gone}} THEN s.{{.Own "alive"}} ELSE NOT s.{{.Own "alive"}} OR s.{{.Own "differs"}} END
WINDOW of_key AS ({{template "in time" .}})
{{- end}}
{{- end}}

{{define "in time" -}}
PARTITION BY {{.List "s" .Key}} ORDER BY {{if .Late}}s.{{.Own "at"}}, s.{{.Own "sent"}}, {{end}}s.{{.Start}}, s.{{.End}}, {{if .Late}}s.{{.Own "ends"}}, {{end}}s.{{.Own "place"}}
{{- end}}

{{define "line" -}}
{{if .Late}}{{template "late line" .}}{{else -}}
(
        SELECT *
        FROM (
            SELECT *, max(greatest(s.{{.Start}}, s.{{.End}})) OVER ({{template "in time" .}}) AS {{.Own "bound"}}
            FROM (
                SELECT {{.List "s" .Columns}}, {{if .Patched}}s.{{.Present}}, {{end}}s.{{.Gone}}, s.{{.Own "differs"}}, s.{{.Instants}},
                    NULL AS {{.Start}}, NULL AS {{.End}}, NULL AS {{.Own "part"}}, s.{{.Own "place"}}
                FROM news AS s
                {{- if .Alone}} WHERE s.{{.Own "met"}}{{end}}
                UNION ALL
                SELECT {{.List "v" .Columns}}, {{if .Patched}}NULL, {{end}}NOT v.{{.Active}}, false, NULL,
                    v.{{.Start}}, {{.EndOf "v"}}, v.tableoid, v.ctid
                FROM {{if .Duplicates}}(
                    SELECT {{.List "s" .Key}}, min({{.Instant "s"}}) AS {{.Own "since"}}, bool_or(s.{{.Gone}}) AS {{.Gone}}
                    FROM news AS s
                    GROUP BY {{.List "s" .Key}}
                ){{else}}news{{end}} AS s
                JOIN {{.Current}} AS v ON {{.Match "v" "s"}}
                WHERE {{if .Alone}}s.{{.Own "met"}}
                  AND {{end}}(v.{{.Active}}
                   OR v.{{.End}} >= {{if .Duplicates}}s.{{.Own "since"}}{{else}}{{.Instant "s"}}{{end}}
                   {{- if .Raised}} OR s.{{.Gone}}{{end}})
            ) AS s
        ) AS s
        {{- if or .Loose (not .Order)}}
        -- Late records that equal the version of their instant are dropped, and so are late tombstones.
        WHERE (s.{{.Instants}} < s.{{.Own "bound"}} AND s.{{.Gone}}{{if .Loose}} AND NOT ({{.HasOrder "s"}}){{end}}) IS NOT TRUE
          AND NOT EXISTS (
            SELECT FROM {{.Current}} AS v
            WHERE {{.Match "v" "s"}}
              AND NOT s.{{.Gone}}
              AND s.{{.Instants}} < s.{{.Own "bound"}}
              AND v.{{.Start}} <= s.{{.Instants}}
              AND ({{.EndOf "v"}} > s.{{.Instants}} OR {{.EndOf "v"}} IS NULL OR v.{{.Start}} = s.{{.Instants}})
              AND NOT ({{.Differs "v" "s" 16}})
          )
        {{- end}}
    )
{{- end}}
{{- end}}

{{define "rows" -}}
{{if .Unheard}}{{template "told" .}}{{else if or .Patched .Raised}}{{template "whole" .}}{{else}}{{template "line" .}}{{end}}
{{- end}}

{{define "whole" -}}
(
        SELECT {{.WholeValues "s"}},
            s.{{.Gone}}, s.{{.Start}}, s.{{.End}}, s.{{.Own "part"}}, s.{{.Own "place"}},
            {{if .Late}}s.{{.Own "at"}}, s.{{.Own "sent"}}, s.{{.Own "ends"}}{{if .Unheard}}, s.{{.Present}}{{end}}{{else}}s.{{.Instants}}, s.{{.Own "bound"}}, s.{{.Own "differs"}}{{end}}
            {{- if .Raised}},
            count(*) FILTER (WHERE s.{{.Start}} IS NOT NULL OR NOT s.{{.Gone}}) OVER ({{template "in time" .}}) AS {{.Own "records"}}
            {{- end}}
        FROM {{if .Patched}}(
            {{template "brought" .}}
        ){{else}}{{template "line" .}}{{end}} AS s
        WINDOW of_key AS ({{template "in time" .}} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    )
{{- end}}
