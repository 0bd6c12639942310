{{/* late: insert. Records and tombstones of a history count at their own instants, whatever the order of their arrival.

What the table knows of a key is a sequence of events: every version begins, and every closed one ends. The batch's rows take their
places among them, after those of the same instant. Nothing that was told is lost: an end that no version has any more, and a
tombstone of a key that is not there, are remembered as closed versions of no length. */}}

{{define "late changes" -}}
SELECT {{.RunValues "s"}},
    CASE WHEN s.{{.Own "ends"}} THEN NOT lag(s.{{.Gone}}) OVER of_key OR coalesce(lead(s.{{.Own "at"}}) OVER of_key = s.{{.Own "at"}} AND NOT lead(s.{{.Gone}}) OVER of_key, false)
        ELSE s.{{.Gone}} AND s.{{.Own "alive"}} END AS {{.Gone}},
    s.{{.Own "n"}}, CASE WHEN NOT s.{{.Own "ends"}} THEN s.{{.Start}} END AS {{.Start}}, s.{{.End}}, s.{{.Own "part"}}, s.{{.Own "place"}}, s.{{.Own "at"}},
    CASE WHEN s.{{.Gone}} THEN s.{{.Own "at"}} ELSE lead(s.{{.Own "at"}}) OVER of_key END AS {{.Own "upto"}},
    coalesce(lag(s.{{.Own "at"}}) OVER of_key = s.{{.Own "at"}}, false) OR coalesce(lead(s.{{.Own "at"}}) OVER of_key = s.{{.Own "at"}}, false) AS {{.Own "brief"}}
FROM (
    SELECT s.*, row_number() OVER so_far AS {{.Own "n"}},
        NOT coalesce(lag(s.{{.Gone}}) OVER so_far, true) AS {{.Own "alive"}},
        coalesce(lag(s.{{.Own "at"}}) OVER so_far = s.{{.Own "at"}}, false) AS {{.Own "known"}},
        ({{.DiffersFromLast "s" 8}}) AS {{.Own "differs"}}
        {{- range .Told}},
        lag(s.{{.}}) OVER so_far AS {{$.Former .}},
        {{if $.IsVersion .}}max{{else}}last_value{{end}}(s.{{.}}) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS {{$.Final .}}
        {{- end}}
    FROM {{template "rows" .}} AS s
    WINDOW so_far AS ({{template "in time" .}})
) AS s
-- A record that agrees with the version of its instant leaves no trace. Neither does a tombstone of an end that is known.
WHERE NOT s.{{.Own "sent"}}
   OR CASE WHEN s.{{.Gone}} THEN s.{{.Own "alive"}} OR NOT s.{{.Own "known"}} ELSE NOT s.{{.Own "alive"}} OR s.{{.Own "differs"}} END
WINDOW of_key AS ({{template "in time" .}})
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
