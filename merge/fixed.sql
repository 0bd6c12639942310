-- fixed: a column that is GENERATED ALWAYS AS IDENTITY gets its value from an INSERT and keeps it. A record that brings its
-- row another one is refused, by a division by zero that nothing else here can cause: the merge would leave the value out.

{{define "fixed" -}}
{{range .Fixed -}}
{{checks}}{{.Index}}
SELECT 1 / CASE WHEN EXISTS (
    SELECT
    FROM {{$.Target}} AS t
    JOIN {{$.Source}} AS s ON {{$.Match "t" "s"}}
    WHERE t.{{.}} <> s.{{.}}
      {{- if $.Tombstone}}
      AND NOT s.{{$.Tombstone}}
      {{- else if $.Deletes}}
      AND NOT s.{{$.Gone}}
      {{- end}}
      {{- if $.Order}}
      AND {{$.NotOlder "s" "t"}}
      {{- end}}
)
{{- if and $.Duplicates (not $.Deletes) (not $.Order)}} OR EXISTS (
    SELECT
    FROM {{$.Staged}} AS s
    {{- if $.Removed}}
    WHERE NOT s.{{$.Gone}}
    {{- end}}
    GROUP BY {{$.List "s" $.Key}}
    HAVING min(s.{{.}}) <> max(s.{{.}})
)
{{- end}} THEN 0 ELSE 1 END;
{{end}}
{{- end}}
