{{define "lacking"}}
{{prepares}}
-- lacking: {{.Batch}} has the keys of a batch, numbered from 0. These are the numbers of those that have no row.
SELECT string_agg(s.{{.Own "n"}}::text, ',')
FROM {{.Batch}} AS s
WHERE NOT EXISTS (SELECT FROM {{.Target}} AS t WHERE {{.Match "t" "s"}});
{{end}}
