{{- /* asked: whether any of the next statements has something to do. Without an index over the key each of them may read all of the target,
and a batch that is sent again gives none of them anything to do. What another session changes between is as if it changed it after the merge. */ -}}

{{define "asked" -}}
{{prepares}}
SELECT
    set_config('target_postgres.repeated', (count(*) > count(DISTINCT s.ctid))::text, true),
    set_config('target_postgres.changed', coalesce(bool_or({{if .SoftDelete}}t.{{.Deleted}} OR {{end}}{{.Differs "t" "s" 4}}), false)::text, true),
    set_config('target_postgres.new', (count(DISTINCT s.ctid) < (SELECT count(*) FROM {{.Source}}))::text, true)
FROM {{.Source}} AS s
JOIN {{.Target}} AS t ON {{.Match "t" "s"}};
{{end}}

{{define "if repeated"}}{{if .Asks}}current_setting('target_postgres.repeated')::boolean
  AND {{end}}{{end}}
{{define "if changed"}}{{if .Asks}}current_setting('target_postgres.changed')::boolean
  AND {{end}}{{end}}
{{define "if new"}}{{if .Asks}}current_setting('target_postgres.new')::boolean
  AND {{end}}{{end}}
