-- elsewhere: upsert and soft_delete into rows on other servers, which foreign partitions and Citus' shards are. What the
-- table has of the batch's keys is fetched once, and compared here; what is written then is what changed and nothing else,
-- so that an unchanged row is not even locked over there and the counts are those of rows that changed, also where a
-- command tag counts what was sent.

{{define "elsewhere" -}}
{{prepares}}
-- What there is of the batch's keys.
CREATE TEMP TABLE {{.Current}} ON COMMIT DROP AS
SELECT {{.List "t" .Columns}}{{if .SoftDelete}}, t.{{.Deleted}}{{end}}, true AS {{.Own "there"}}
FROM {{.Target}} AS t
JOIN {{.Source}} AS s ON {{.Match "t" "s"}}
  {{- .Within "t" .Staged}};

{{prepares}}
-- Records that change something, as whole rows. One whose row has to lie elsewhere than it does is a new row, too.
CREATE TEMP TABLE {{.News}} ON COMMIT DROP AS
SELECT {{.List "s" .Key}}
    {{- range .Rest}},
    {{$.Merged "old" "s" .}} AS {{.}}
    {{- end}}
    {{- if .SoftDelete}},
    {{.Marked "s"}} AS {{.Deleted}}
    {{- end}},
    old.{{.Own "there"}} IS NULL{{if .Moves}} OR {{.Moved "old" "s"}}{{end}} AS {{.Own "is_new"}}
FROM {{.Source}} AS s
LEFT JOIN {{.Current}} AS old ON {{.Match "old" "s"}}
WHERE {{if .Tombstone}}NOT s.{{.Tombstone}}
  AND {{else if .Deletes}}NOT s.{{.Gone}}
  AND {{end}}
{{- if .Keeps}}old.{{.Own "there"}} IS NULL;
{{- else}}{{if .Only}}old.{{.Own "there"}}
  AND (false{{else}}(old.{{.Own "there"}} IS NULL{{end}}
   {{- if .SoftDelete}}
   OR old.{{.Deleted}} <> {{.Marked "s"}}
   {{- end}}
   {{- if .Order}}
   OR {{.NotOlder "s" "old"}}
  AND ({{.Differs "old" "s" 4}})
   {{- else}}
   OR {{.Differs "old" "s" 3}}
   {{- end}});
{{- end}}

{{if and .Moves (not .Keeps) -}}
{{prepares}}
-- Rows that move are deleted where they are.
DELETE FROM {{.Target}} AS t
USING {{.Given .News}} AS s
WHERE {{.Match "t" "s"}}
  AND s.{{.Own "is_new"}}
  {{- .Within "t" .News}};
{{end}}

{{if and (or (.Set "s") .SoftDelete) (not .Keeps) -}}
{{updates}}
UPDATE {{.Target}} AS t
SET {{with .Set "s"}}{{.}}{{if $.SoftDelete}},
    {{end}}{{end}}
    {{- if .SoftDelete}}{{.Deleted}} = s.{{.Deleted}}{{end}}
FROM {{.Given .News}} AS s
WHERE {{.Match "t" "s"}}
  AND NOT s.{{.Own "is_new"}}
  {{- .Within "t" .News}};
{{end}}

{{if or .Moves (not .Only) -}}
{{inserts}}
-- Rows that are new. No ON CONFLICT: for that, Citus makes a connection for every shard. A key that another program has
-- inserted meanwhile is refused by the unique index, and the next attempt finds it.
INSERT INTO {{.Target}} ({{.List "" .Columns}}{{if .SoftDelete}}, {{.Deleted}}{{end}}){{.Overriding}}
SELECT {{.New "s"}}{{if .SoftDelete}}, s.{{.Deleted}}{{end}}
FROM {{.News}} AS s
WHERE s.{{.Own "is_new"}}
ORDER BY {{.List "s" .Key}};
{{end}}
{{end}}
