package merge

import (
	"encoding/json"
	"fmt"
	"strings"
)

// tells reports whether column c is Airbyte's _airbyte_meta and has to say which values a new row does not have because
// its record left them out.
func (v *view) tells(c name) bool {
	return v.Patched && !v.Elsewhere && v.job.Has.Unavailable && v.job.Meta != "" && c.quoted == quote(v.job.Meta)
}

// told is _airbyte_meta of a new row: with an entry for every value that neither the record nor one before it brought.
func (v *view) told(record string) string {
	meta := record + "." + quote(v.job.Meta)
	var entries []string
	for _, c := range v.Rest {
		if c.index >= len(v.job.Fields) || v.job.Fields[c.index] == "" {
			continue
		}
		entry, err := json.Marshal(map[string]string{
			"field": v.job.Fields[c.index], "change": "NULLED", "reason": "SOURCE_RETRIEVAL_ERROR",
		})
		if err != nil {
			continue // strings always have a JSON form
		}
		entries = append(entries, fmt.Sprintf("CASE WHEN NOT (%s) THEN %s::pg_catalog.jsonb END", v.inBatch(record, c), literal(string(entry))))
	}
	if len(entries) == 0 {
		return meta
	}
	return fmt.Sprintf("pg_catalog.jsonb_set(%[1]s, '{changes}', coalesce(%[1]s -> 'changes', '[]') || "+
		"pg_catalog.to_jsonb(pg_catalog.array_remove(ARRAY[%[2]s], NULL)))", meta, strings.Join(entries, ", "))
}

// inBatch is the condition for the record, or one before it in the batch, to bring column c.
func (v *view) inBatch(record string, c name) string {
	if v.History {
		return fmt.Sprintf("%s.%s IS NOT NULL", record, v.From(c))
	}
	return v.brought(c)
}

// Lifted lists the columns of a record beside the active version of its key, whose version of the stream it takes over
// if that is newer. After a tombstone that ends the active version, records begin anew.
func (v *view) Lifted(record, active string) string {
	return join(v.Columns, ", ", func(c name) string {
		if !v.Lifts || !v.IsVersion(c) {
			return c.of(record)
		}
		value := v.Value(active, record, c)
		if v.Removed && v.Duplicates && !v.Late {
			value = fmt.Sprintf("CASE WHEN bool_or(%s) OVER (PARTITION BY %s ORDER BY %s.ctid) THEN %s ELSE %s END",
				v.ends(record, active), v.List(record, v.Key), record, c.of(record), value)
		}
		return value + " AS " + c.quoted
	})
}

// ends is the condition for a row of the batch to be a tombstone that ends the active version of its key. A late one
// does not, unless an order has decided that it is not too old.
func (v *view) ends(tombstone, active string) string {
	gone := tombstone + "." + v.Gone
	if v.Order && !v.Loose {
		return gone
	}
	late := fmt.Sprintf("%s.%s < %s.%s", tombstone, v.Instants, active, v.Start)
	if v.Loose {
		late += fmt.Sprintf(" AND NOT (%s)", v.HasOrder(tombstone))
	}
	return fmt.Sprintf("%s AND (%s) IS NOT TRUE", gone, late)
}
