{{/* late: insert. Records and tombstones of a history count at their own instants, in any order of arrival.

What the table knows of a key is a sequence of events: every version begins, and every closed one ends. The batch's rows take their
places among them, after those of the same instant. Nothing that was told is lost: an end that no version has any more, and a
tombstone of a key that is not there, are remembered as closed versions of no length. */}}

{{define "late changes" -}}
SELECT {{.RunValues "s"}},
    CASE WHEN s.{{.Own "ends"}} THEN {{if .Removed}}s.{{.Own "ended"}} IS NULL OR coalesce(lead(s.{{.Own "at"}}) OVER of_key = s.{{.Own "at"}} AND NOT lead(s.{{.Gone}} OR s.{{.Own "sent"}}) OVER of_key, false){{else}}true{{end}}
        ELSE s.{{.Gone}} AND s.{{.Own "alive"}} END AS {{.Gone}},
    s.{{.Own "n"}}, CASE WHEN NOT s.{{.Own "ends"}} THEN s.{{.Start}} END AS {{.Start}}, s.{{.End}}, s.{{.Own "part"}}, s.{{.Own "place"}}, s.{{.Own "at"}},
    CASE WHEN s.{{.Gone}} THEN s.{{.Own "at"}} ELSE lead(s.{{.Own "at"}}) OVER of_key END AS {{.Own "upto"}},
    coalesce(lag(s.{{.Own "at"}}) OVER of_key = s.{{.Own "at"}}, false) OR coalesce(lead(s.{{.Own "at"}}) OVER of_key = s.{{.Own "at"}}, false) AS {{.Own "brief"}}
FROM {{if .Removed}}(
    -- An end belongs to no version any more if a tombstone came into the one that it ended: which row was the last before that.
    SELECT s.*, CASE WHEN s.{{.Own "ends"}}
            THEN min(s.{{.Own "nth"}}) FILTER (WHERE s.{{.Own "sent"}} AND s.{{.Gone}}) OVER (PARTITION BY {{.List "s" .Key}}, s.{{.Own "gap"}}) - 1 END AS {{.Own "ended"}}
    FROM (
        SELECT s.*, (row_number() OVER of_key)::int AS {{.Own "nth"}},
            count(*) FILTER (WHERE NOT s.{{.Own "sent"}}) OVER of_key - CASE WHEN s.{{.Own "sent"}} THEN 0 ELSE 1 END AS {{.Own "gap"}}
        FROM {{template "late events" .}}
        WINDOW of_key AS ({{template "in time" .}})
    ) AS s
) AS s{{else}}{{template "late events" .}}{{end}}
WINDOW of_key AS ({{template "in time" .}}){{if .Removed}},
    whole_key AS (of_key ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING){{end}}
{{- end}}

{{define "late events" -}}
(
    SELECT s.*
    FROM (
        SELECT s.*, row_number() OVER so_far AS {{.Own "n"}},
            {{template "judged" .}}
            {{- range .Told}},
            {{if $.IsVersion .}}max(s.{{.}}) FILTER (WHERE NOT s.{{$.Gone}} AND s.{{$.End}} IS NULL) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING){{else}}lag(s.{{.}}) OVER so_far{{end}} AS {{$.Former .}},
            {{if $.IsVersion .}}max(s.{{.}}) FILTER (WHERE NOT s.{{$.Gone}} AND s.{{$.End}} IS NULL){{else}}last_value(s.{{.}}){{end}} OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS {{$.Final .}}
            {{- end}}
        FROM {{template "rows" .}} AS s
        WINDOW so_far AS ({{template "in time" .}})
    ) AS s
    -- A record that agrees with the version of its instant leaves no trace. Neither does a tombstone of an end that is known.
    WHERE {{template "counts" .}}
) AS s
{{- end}}

{{- /* told: partial records made whole in the columns that make no version, too. A record without a trace tells them to the active
version only, so that it has to be known first which records leave none. */ -}}
{{define "told" -}}
(
        SELECT {{.ToldValues "s"}},
            s.{{.Gone}}, s.{{.Start}}, s.{{.End}}, s.{{.Own "part"}}, s.{{.Own "place"}}, s.{{.Own "at"}}, s.{{.Own "sent"}}, s.{{.Own "ends"}}
        FROM (
            SELECT s.*
                {{- range .Unheard}},
                max(s.{{$.Own "nth"}}) FILTER (WHERE (s.{{$.Own "newest"}} OR {{template "counts" $}}) AND ({{$.Brings .}})) OVER (PARTITION BY {{$.List "s" $.Key}} ORDER BY s.{{$.Own "nth"}}) AS {{$.From .}}
                {{- end}}
            FROM (
                SELECT s.*, (row_number() OVER so_far)::int AS {{.Own "nth"}},
                    {{template "judged" .}}
                FROM {{template "whole" .}} AS s
                WINDOW so_far AS ({{template "in time" .}})
            ) AS s
        ) AS s
        WINDOW of_key AS (PARTITION BY {{.List "s" .Key}} ORDER BY s.{{.Own "nth"}} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    )
{{- end}}

{{define "judged" -}}
NOT coalesce(lag(s.{{.Gone}}) OVER so_far, true) AS {{.Own "alive"}},
            coalesce(lag(s.{{.Own "at"}}) OVER so_far = s.{{.Own "at"}}, false) AS {{.Own "known"}},
            {{- if .Told}}
            coalesce(s.{{.Own "at"}} >= max(s.{{.Own "at"}}) FILTER (WHERE NOT s.{{.Own "sent"}}) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), true) AS {{.Own "newest"}},
            {{- end}}
            ({{.DiffersFromLast "s" 12}}) AS {{.Own "differs"}}
{{- end}}

{{define "counts" -}}
NOT s.{{.Own "sent"}}
       OR CASE WHEN s.{{.Gone}} THEN s.{{.Own "alive"}} OR NOT s.{{.Own "known"}} ELSE NOT s.{{.Own "alive"}} OR s.{{.Own "differs"}} END
{{- end}}

{{define "late line" -}}
(
        SELECT {{.List "s" .Columns}}, {{if .Patched}}s.{{.Present}}, {{end}}s.{{.Gone}}, {{.Instant "s"}} AS {{.Own "at"}}, true AS {{.Own "sent"}},
            false AS {{.Own "ends"}}, NULL AS {{.Start}}, NULL AS {{.End}}, NULL AS {{.Own "part"}}, s.{{.Own "place"}}
        FROM news AS s
        {{- if .Alone}} WHERE s.{{.Own "met"}}{{end}}
        UNION ALL
        SELECT {{.List "v" .Columns}}, {{if .Patched}}NULL, {{end}}e.ends, CASE WHEN e.ends THEN {{.EndOf "v"}} ELSE v.{{.Start}} END, false,
            e.ends, v.{{.Start}}, {{.EndOf "v"}}, CASE WHEN NOT e.ends THEN v.tableoid END, v.ctid
        FROM (SELECT {{.List "s" .Key}}, min({{.Instant "s"}}) AS {{.Own "since"}} FROM news AS s GROUP BY {{.List "s" .Key}}) AS s
        JOIN {{.Current}} AS v ON {{.Match "v" "s"}}
        JOIN (VALUES (false), (true)) AS e (ends) ON NOT e.ends OR {{.EndOf "v"}} IS NOT NULL
        WHERE v.{{.Active}}
           OR v.{{.End}} >= s.{{.Own "since"}}
    )
{{- end}}
