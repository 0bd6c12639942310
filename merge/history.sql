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
{{if and .Repeats (le .Round 1)}}{{template "repeated.sql" .}}{{end}}
{{if and .Order (le .Round 1)}}{{template "order.sql" .}}{{end}}
{{if eq .Round 1 -}}
{{prepares}}
-- The instants of some key run backwards within this batch. Each stretch without a step back is a round of its own,
-- which finds in the target what the rounds before it have made.
CREATE TEMP TABLE {{.Staged}} ON COMMIT DROP AS
SELECT s.*, 1 + count(*) FILTER (WHERE {{.Instant "s"}} < s.{{.Own "previous"}}) OVER so_far AS {{.Own "round"}}
FROM (
    SELECT s.*, ctid AS {{.Own "arrival"}}, lag({{.Instant "s"}}) OVER (PARTITION BY {{.List "s" .Key}} ORDER BY ctid) AS {{.Own "previous"}}
    FROM {{.Batch}} AS s
) AS s
WINDOW so_far AS (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "arrival"}})
ORDER BY s.{{.Own "arrival"}};
{{end}}

{{prepares}}
{{if gt .Round 1 -}}
TRUNCATE {{.Late}};
{{- else -}}
CREATE TEMP TABLE {{.Late}} (place tid PRIMARY KEY, bound timestamptz) ON COMMIT DROP;
{{- end}}

{{if .Elsewhere -}}
{{prepares}}
-- The rows are on other servers: what there is of the batch's keys is fetched once.
{{if gt .Round 1 -}}
TRUNCATE {{.Current}};

{{prepares}}
INSERT INTO {{.Current}}
{{else -}}
CREATE TEMP TABLE {{.Current}} ON COMMIT DROP AS
{{end -}}
SELECT {{.List "t" .Columns}}, t.{{.Start}}, t.{{.End}}, t.{{.Active}}
FROM {{.Target}} AS t
JOIN (SELECT DISTINCT {{.List "" .Key}} FROM {{.Staged}}) AS s ON {{.Match "t" "s"}}
  {{- .Within "t" .Staged}};
{{end}}

{{prepares}}
-- 1. Which rows are late, and the newest start or end of their keys. Mostly there are none.
INSERT INTO {{.Late}}
SELECT s.ctid, max(greatest(v.{{.Start}}, v.{{.End}}))
FROM {{.Staged}} AS s
JOIN {{.Current}} AS v ON {{.Match "v" "s"}}
WHERE {{.Instant "s"}} < greatest(v.{{.Start}}, v.{{.End}})
  {{- if .Round}}
  AND s.{{.Own "round"}} = {{.Round}}
  {{- end}}
GROUP BY s.ctid;

{{if or .Loose (not .Order) -}}
{{prepares}}
-- 2. Late records that equal the version of their instant are dropped, and so are late tombstones.
DELETE FROM {{.Staged}} AS s
USING {{.Late}} AS late, {{.Current}} AS v
WHERE late.place = s.ctid
  AND s.{{.Instants}} IS NOT NULL
  {{- if .Removed}}
  AND NOT s.{{.Gone}}
  {{- end}}
  AND {{.Match "v" "s"}}
  AND v.{{.Start}} <= {{.Instant "s"}}
  AND (v.{{.End}} > {{.Instant "s"}} OR v.{{.End}} IS NULL OR v.{{.Start}} = {{.Instant "s"}})
  AND NOT ({{.Differs "v" "s" 4}});

{{if .Removed -}}
{{prepares}}
DELETE FROM {{.Staged}} AS s
USING {{.Late}} AS late
WHERE late.place = s.ctid
  AND s.{{.Instants}} IS NOT NULL
  AND s.{{.Gone}}
  {{- if .Loose}}
  AND NOT ({{.HasOrder "s"}})
  {{- end}};
{{end}}
{{end}}

{{prepares}}
{{if gt .Round 1 -}}
TRUNCATE {{.Changes}};
{{- else -}}
CREATE TEMP TABLE {{.Changes}} ON COMMIT DROP AS
SELECT {{.List "" .Columns}}, now() AS {{.Own "at"}}, now() AS {{.Own "upto"}}
    {{- if .Removed}}, {{.Gone}}{{end}}
    {{- if .Duplicates}}, 0::bigint AS {{.Own "n"}}{{end}}
    {{- if and .Duplicates .Version}}, {{.Version}} AS {{.Own "before"}}{{end}}
FROM {{.Staged}}
WITH NO DATA;
{{- end}}

{{if not .Duplicates -}}
{{prepares}}
-- 3. What changes: records that differ from the active version or find none, and tombstones that find one.
INSERT INTO {{.Changes}}
SELECT {{.Values "s" "l"}},
    greatest({{.Instant "s"}}, late.bound), NULL{{if .Removed}}, s.{{.Gone}}{{end}}
FROM {{.Staged}} AS s
LEFT JOIN {{.Late}} AS late ON late.place = s.ctid
LEFT JOIN {{.Current}} AS l ON {{.Match "l" "s"}} AND l.{{.Active}}
WHERE {{if .Removed}}CASE WHEN s.{{.Gone}} THEN l.tableoid IS NOT NULL ELSE {{end}}l.tableoid IS NULL
   OR {{.Differs "l" "s" 3}}{{if .Removed}} END{{end}};

{{else -}}
{{prepares}}
-- 3. What changes: the first row of a key against the active version, every other against the row before it, which
-- tells what the state is then. A change lasts up to the next one.
INSERT INTO {{.Changes}}
SELECT {{.RunValues "s"}},
    s.{{.Own "at"}}, lead(s.{{.Own "at"}}) OVER of_key{{if .Removed}}, s.{{.Gone}}{{end}}, s.{{.Own "n"}}
    {{- if .Version}}, s.{{.Own "before"}}{{end}}
FROM (
    SELECT s.*,
        greatest({{.Instant "s"}}, late.bound) AS {{.Own "at"}},
        row_number() OVER so_far AS {{.Own "n"}},
        coalesce(lag({{if .Removed}}NOT s.{{.Gone}}{{else}}true{{end}}, 1, l.{{.Active}}) OVER so_far, false) AS {{.Own "alive"}},
        ({{.DiffersFromLast "s" "l" 8}}) AS {{.Own "differs"}}
        {{- if .Version}},
        lag(s.{{.Version}}) OVER so_far AS {{.Own "before"}},
        last_value(s.{{.Version}}) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS {{.Own "last"}}
        {{- end}}
        {{- if .Removed}}
        {{- range .Raised}},
        {{if $.Loose}}max{{else}}last_value{{end}}(s.{{.}}) OVER in_a_row AS {{$.Latest .}}
        {{- end}}
        {{- end}}
    FROM {{template "rows" .}} AS s
    LEFT JOIN {{.Late}} AS late ON late.place = s.{{.Own "place"}}
    LEFT JOIN {{.Current}} AS l ON {{.Match "l" "s"}} AND l.{{.Active}}
    WINDOW so_far AS (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "place"}})
        {{- if and .Removed .Raised}},
        in_a_row AS (
            PARTITION BY {{.List "s" .Key}}, s.{{.Own "records"}} ORDER BY s.{{.Own "place"}}
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        )
        {{- end}}
) AS s
WHERE {{if .Removed}}CASE WHEN s.{{.Gone}} THEN s.{{.Own "alive"}} ELSE {{end}}NOT s.{{.Own "alive"}} OR s.{{.Own "differs"}}{{if .Removed}} END{{end}}
WINDOW of_key AS (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "n"}});
{{end}}

{{if and .Removed .Raised (not .Elsewhere) -}}
{{prepares}}
-- Tombstones that have nothing to close still leave their order in the newest version: no older record comes after them.
UPDATE {{.Target}} AS t
SET {{.SetRaised "t" "s"}}
FROM {{if .Duplicates}}(
    SELECT DISTINCT ON ({{.List "s" .Key}}) s.*
    FROM {{template "rows" .}} AS s
    WHERE s.{{.Own "records"}} = 0
      {{- if .Loose}}
      AND {{.HasOrder "s"}}
      {{- end}}
    ORDER BY {{.List "s" .Key}}, s.{{.Own "place"}} DESC
){{else}}{{.Staged}}{{end}} AS s
WHERE {{.Match "t" "s"}}
  AND s.{{.Gone}}
  {{- if .Loose}}
  AND {{.HasOrder "s"}}
  {{- end}}
  AND NOT t.{{.Active}}
  AND ({{.OrderDiffers "t" "s"}})
  AND NOT EXISTS (
    SELECT FROM {{.Target}} AS o
    WHERE {{.Match "o" "s"}}
      AND (o.{{.Active}} OR o.{{.Start}} > t.{{.Start}} OR (o.{{.Start}} = t.{{.Start}} AND o.{{.End}} > t.{{.End}}))
  );
{{end}}

{{if and .Elsewhere .Duplicates -}}
{{prepares}}
{{if gt .Round 1 -}}
TRUNCATE {{.Ends}};

{{prepares}}
INSERT INTO {{.Ends}}
{{else -}}
CREATE TEMP TABLE {{.Ends}} ON COMMIT DROP AS
{{end -}}
{{.FirstChanges}};
{{end}}

{{updates}}
-- 4. The active version ends where the first change of its key takes effect.
UPDATE {{.Target}} AS t
{{template "ends" .}}
FROM {{if .Elsewhere}}{{.Given .Ends}}{{else if .Duplicates}}({{.FirstChanges}}){{else}}{{.Changes}}{{end}} AS c
WHERE {{template "active of c" .}}
  {{- .Within "t" .Ends}};

{{if .Elsewhere -}}
{{prepares}}
UPDATE {{.Current}} AS t
{{template "ends" .}}
FROM {{.Ends}} AS c
WHERE {{template "active of c" .}};
{{end}}

{{define "ends" -}}
SET {{.End}} = c.{{.Own "at"}},
    {{.Active}} = false
    {{- if .Removed}}
    {{- range .Raised}},
    {{.}} = {{$.ClosedOrder "t" "c" .}}
    {{- end}}
    {{- end}}
    {{- if and .Duplicates .Version}},
    {{.Version}} = CASE WHEN c.{{.Own "n"}} > 1 THEN c.{{.Own "before"}} ELSE t.{{.Version}} END
    {{- end}}
{{- end}}

{{define "active of c" -}}
{{.Match "t" "c"}}
  AND t.{{.Active}}
{{- end}}

{{if .Duplicates -}}
{{prepares}}
-- 5. Of equal versions that start at one instant the last stands for all: the key went away from it and came back.
DELETE FROM {{.Changes}} AS c
USING (
    SELECT c.{{.Own "place"}} AS place, lead(true) OVER (PARTITION BY {{.Distinction "c"}} ORDER BY c.{{.Own "n"}}) AS again
    FROM (
        SELECT *, ctid AS {{.Own "place"}},
            bool_or({{.Own "upto"}} = {{.Own "at"}}) OVER (PARTITION BY {{.List "" .Key}}, {{.Own "at"}}) AS {{.Own "brief"}}
        FROM {{.Changes}}
    ) AS c
    WHERE c.{{.Own "brief"}}
      {{- if .Removed}}
      AND NOT c.{{.Gone}}
      {{- end}}
) AS d
WHERE d.again
  AND d.place = c.ctid;
{{end}}

{{if .Elsewhere -}}
{{prepares}}
{{if gt .Round 1 -}}
TRUNCATE {{.Back}};
{{- else -}}
CREATE TEMP TABLE {{.Back}} (LIKE {{.Changes}}) ON COMMIT DROP;
{{- end}}

{{prepares}}
-- 6. A version of no length that starts where an equal one is to start comes back instead of being there twice.
WITH back AS (
    DELETE FROM {{.Changes}} AS c
    USING {{.Current}} AS t
    WHERE {{template "equal of no length" .}}
    RETURNING c.*
)
INSERT INTO {{.Back}}
SELECT * FROM back;

{{prepares}}
-- Which of the versions of no length it is over there cannot be said by all values: Citus compares none by its text. So all
-- of that instant are deleted, and those that stay as they are come again.
{{if gt .Round 1 -}}
TRUNCATE {{.Stays}};

{{prepares}}
INSERT INTO {{.Stays}}
{{else -}}
CREATE TEMP TABLE {{.Stays}} ON COMMIT DROP AS
{{end -}}
SELECT t.*
FROM {{.Current}} AS t
WHERE EXISTS (SELECT FROM {{.Back}} AS c WHERE {{template "of no length" .}})
  AND NOT EXISTS (SELECT FROM {{.Back}} AS c WHERE {{template "equal of no length" .}});

{{prepares}}
DELETE FROM {{.Target}} AS t
USING {{.Given .Back}} AS c
WHERE {{template "of no length" .}}
      {{- .Within "t" .Back}};

{{prepares}}
INSERT INTO {{.Target}} ({{.List "" .Columns}}, {{.Start}}, {{.End}}, {{.Active}}){{.Overriding}}
SELECT {{.List "t" .Columns}}, t.{{.Start}}, t.{{.End}}, t.{{.Active}}
FROM {{.Stays}} AS t;

{{updates}}
INSERT INTO {{.Target}} ({{.List "" .Columns}}, {{.Start}}, {{.End}}, {{.Active}}){{.Overriding}}
SELECT {{.New "c"}}, c.{{.Own "at"}}, c.{{.Own "upto"}}, c.{{.Own "upto"}} IS NULL
FROM {{.Back}} AS c;

{{else -}}
{{updates}}
-- 6. A version of no length that starts where an equal one is to start comes back instead of being there twice.
-- They are rare. min(1) = 1 tells the planner so, which knows nothing of a table that was never analyzed and would rather
-- read all of it than look up the keys.
WITH back AS (
    DELETE FROM {{.Changes}} AS c
    WHERE (
        SELECT min(1)
        FROM {{.Target}} AS t
        WHERE {{template "equal of no length" .}}
      ) = 1
    RETURNING c.*
)
UPDATE {{.Target}} AS t
SET {{with .Set "c"}}{{.}},
    {{end}}{{.End}} = c.{{.Own "upto"}},
    {{.Active}} = c.{{.Own "upto"}} IS NULL
FROM back AS c
WHERE {{template "equal of no length" .}};
{{end}}

{{define "of no length" -}}
{{.Match "t" "c"}}
      AND t.{{.Start}} = c.{{.Own "at"}}
      AND t.{{.End}} = c.{{.Own "at"}}
{{- end}}

{{define "equal of no length" -}}
{{template "of no length" .}}
      {{- if .Removed}}
      AND NOT c.{{.Gone}}
      {{- end}}
      AND NOT ({{.Differs "t" "c" 8}})
      {{- if and .Raised (not .Elsewhere)}}
      -- Their orders may have made several equal.
      AND NOT EXISTS (
        SELECT FROM {{.Target}} AS o
        WHERE {{.Match "o" "c"}}
          AND o.{{.Start}} = c.{{.Own "at"}}
          AND o.{{.End}} = c.{{.Own "at"}}
          AND NOT ({{.Differs "o" "c" 12}})
          AND (o.tableoid > t.tableoid OR (o.tableoid = t.tableoid AND o.ctid > t.ctid))
      )
      {{- end}}
{{- end}}

{{inserts}}
-- 7. All others start as new rows.
INSERT INTO {{.Target}} ({{.List "" .Columns}}, {{.Start}}, {{.End}}, {{.Active}}){{.Overriding}}
SELECT {{.New "c"}}, c.{{.Own "at"}}, c.{{.Own "upto"}}, c.{{.Own "upto"}} IS NULL
FROM {{.Changes}} AS c
{{- if .Removed}}
WHERE NOT c.{{.Gone}}
{{- end}}
ORDER BY {{.List "c" .Key}}{{if .Duplicates}}, c.{{.Own "n"}}{{end}};

{{if .Version -}}
{{if .Elsewhere -}}
{{prepares}}
{{if gt .Round 1 -}}
TRUNCATE {{.Told}};

{{prepares}}
INSERT INTO {{.Told}}
{{else -}}
CREATE TEMP TABLE {{.Told}} ON COMMIT DROP AS
{{end -}}
SELECT {{.List "s" .Key}}, s.{{.Version}}
FROM {{.LastOfKey}} AS s
JOIN {{.Current}} AS t ON {{.Match "t" "s"}}
WHERE {{template "told again" .}};

{{updates}}
-- 8. A record without news still tells the active version which pass it was seen in.
UPDATE {{.Target}} AS t
SET {{.Version}} = s.{{.Version}}
FROM {{.Given .Told}} AS s
WHERE {{.Match "t" "s"}}
  AND t.{{.Active}}
  {{- .Within "t" .Told}};

{{else -}}
{{updates}}
-- 8. A record without news still tells the active version which pass it was seen in.
UPDATE {{.Target}} AS t
SET {{.Version}} = s.{{.Version}}
FROM {{.LastOfKey}} AS s
WHERE {{.Match "t" "s"}}
  AND {{template "told again" .}};
{{end}}
{{end}}

{{define "told again" -}}
t.{{.Active}}
  {{- if .Removed}}
  AND NOT s.{{.Gone}}
  {{- end}}
  AND {{.VersionDiffers "t" "s"}}
{{- end}}

{{define "in a row" -}}
{{if and .History .Removed .Raised}},
            count(*) FILTER (WHERE NOT {{.Gone}}) OVER (PARTITION BY {{.List "" .Key}} ORDER BY ctid) AS {{.Own "records"}}
{{- end}}
{{- end}}

{{define "rows" -}}
(
    {{- if .Patched}}
        -- Partial records, made whole: a column that no row of the key has brought yet is the active version's, one
        -- that was brought before a tombstone is lost.
        SELECT {{.WholeValues "s" "l"}},
            s.{{.Instants}}, {{if .Removed}}s.{{.Gone}}, {{if .Raised}}s.{{.Own "records"}}, {{end}}{{end}}s.{{.Own "place"}}
        FROM (
            {{template "brought" .}}
        ) AS s
        LEFT JOIN {{.Current}} AS l ON {{.Match "l" "s"}} AND l.{{.Active}}
        WINDOW of_key AS (
            PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "n"}} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        )
    {{- else}}
        SELECT *, ctid AS {{.Own "place"}}{{template "in a row" .}}
        FROM {{.Staged}}
        {{- if .Round}}
        WHERE {{.Own "round"}} = {{.Round}}
        {{- end}}
    {{- end}}
    )
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
