-- remove: what a full pass did not bring again is removed, in the way the load mode has. Rows that are removed already
-- stay as they are.

{{define "passed over" -}}
{{if .Unseen}}{{.Match "t" "s"}}{{.Within "t" .Unseen}}
{{- else if .Seen}}NOT EXISTS (SELECT FROM {{.Seen}} AS s WHERE {{.Match "t" "s"}})
{{- else}}(t.{{.Version}} < {{.Before}} OR t.{{.Version}} IS NULL){{end}}
{{- if and .Sliced (not .Unseen)}}
  AND {{template "in slice" .}}
{{- end}}
{{- end}}

{{define "from unseen" -}}
{{if .Unseen}}
FROM {{.Given .Unseen}} AS s
{{- end}}
{{- end}}

{{if and .Unseen .Removing -}}
{{template "unseen" .}}
{{end}}

{{if .History -}}
{{deletes}}
-- The version that is current ends now; should it begin in the future, where it begins.
UPDATE {{.Target}} AS t
SET {{.End}} = greatest(now(), t.{{.Start}}),
    {{.Active}} = false
{{- template "from unseen" .}}
WHERE t.{{.Active}}
  AND {{template "passed over" .}};

{{else if .SoftDelete -}}
{{deletes}}
UPDATE {{.Target}} AS t
SET {{with .SingerMark}}{{.}} = now(),
    {{end}}{{.Deleted}} = true
{{- template "from unseen" .}}
WHERE NOT t.{{.Deleted}}
  AND {{template "passed over" .}};

{{else if .HardDelete -}}
{{deletes}}
DELETE FROM {{.Target}} AS t
{{- if .Unseen}}
USING {{.Given .Unseen}} AS s
{{- end}}
WHERE {{template "passed over" .}};

{{else if .SingerMark -}}
{{deletes}}
-- Without hard_delete the mark is data, as it is in the records that the source marks itself.
UPDATE {{.Target}} AS t
SET {{.SingerMark}} = now()
{{- template "from unseen" .}}
WHERE t.{{.SingerMark}} IS NULL
  AND {{template "passed over" .}};
{{end}}

{{define "unseen" -}}
{{prepares}}
-- The rows are on other servers: which of them go is found out first, so that the others are not locked there. Citus plans no
-- NOT EXISTS of a local table.
CREATE TEMP TABLE {{.Unseen}} ON COMMIT DROP AS
SELECT {{.List "t" .Key}}
FROM {{.Target}} AS t
{{- if .Citus}}
{{- if .Sliced}}
JOIN {{if .Range}}(SELECT min(least) AS least, max(greatest) AS greatest FROM {{.Slices}}) AS b ON {{.InSlice "t" "b"}}
{{- else}}{{.Slices}} AS b ON {{.MatchSlice "t" "b"}}{{end}}
{{- end}}
LEFT JOIN (SELECT {{.List "" .Key}}, true AS {{.Own "seen"}} FROM {{.Seen}}) AS s ON {{.Match "t" "s"}}
WHERE s.{{.Own "seen"}} IS NULL;
{{- else}}
WHERE NOT EXISTS (SELECT FROM {{.Seen}} AS s WHERE {{.Match "t" "s"}})
  {{- if .Sliced}}
  AND {{template "in slice" .}}
  {{- end}};
{{- end}}
{{end}}

{{define "remember"}}
{{prepares}}
-- The keys of a full snapshot gather here until its end. A key whose only record is a tombstone was not in it.
INSERT INTO {{.Seen}} ({{.List "" .Key}})
SELECT {{.List "s" .Key}}
FROM {{.Staged}} AS s
{{- if .Removes}}
WHERE NOT s.{{.Gone}}
{{- end}}
ON CONFLICT DO NOTHING;
{{end}}
