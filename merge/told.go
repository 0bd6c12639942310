package merge

import (
	"encoding/json"
	"fmt"
	"strings"
)

// tells reports whether column c is Airbyte's _airbyte_meta and has to say which values a row does not have because its
// record left them out.
func (v *view) tells(c name) bool {
	return v.Patched && v.job.Has.Unavailable && v.job.Meta != "" && c.quoted == quote(v.job.Meta)
}

// told is _airbyte_meta of a new row: with an entry for every value that neither the record nor one before it brought.
func (v *view) told(record string) string {
	return v.withEntries(record+"."+quote(v.job.Meta), func(c name, missing, kept string) string {
		if !v.History {
			return missing
		}
		// What a tombstone says of a column is that its value is gone.
		return fmt.Sprintf("CASE WHEN nth_value(NOT %[1]s.%[2]s, %[1]s.%[3]s) OVER of_key THEN %[4]s ELSE %[5]s END",
			record, v.Gone, v.From(c), v.keptEntries(v.tellingRow(c), kept), missing)
	})
}

// toldByBatch is _airbyte_meta of a row of the batch that stands for all of its key.
func (v *view) toldByBatch(meta string) string {
	return v.withEntries(meta, func(c name, missing, kept string) string {
		entries := v.keptEntries(v.tellingRow(c), kept)
		if v.Removed && v.resets(c) {
			entries = fmt.Sprintf("CASE WHEN nth_value(s.%s, s.%s) OVER of_key THEN %s ELSE %s END", v.Gone, v.From(c), missing, entries)
		}
		return entries
	})
}

// toldOfRow is _airbyte_meta of a row that a record changes: a value that stays is missing if it was before.
func (v *view) toldOfRow(base, record string) string {
	return v.withEntries(record+"."+quote(v.job.Meta), func(_ name, _, kept string) string {
		return v.keptEntries(base+"."+quote(v.job.Meta), kept)
	})
}

// tellingRow is _airbyte_meta of the row that brought column c.
func (v *view) tellingRow(c name) string {
	return fmt.Sprintf("nth_value(s.%s, s.%s) OVER of_key", quote(v.job.Meta), v.From(c))
}

// keptEntries are those of a field, of which path is the JSON path.
func (v *view) keptEntries(meta, path string) string {
	return fmt.Sprintf("coalesce(pg_catalog.jsonb_path_query_array(%s, %s), '[]')", meta, path)
}

// withEntries adds to _airbyte_meta what entries returns for the columns that the row s does not bring. It is given the
// entry that says that a value is missing, and the JSON path of the entries of its field.
func (v *view) withEntries(meta string, entries func(c name, missing, path string) string) string {
	var added []string
	for _, c := range v.Rest {
		if c.index >= len(v.job.Fields) || v.job.Fields[c.index] == "" {
			continue
		}
		field := v.job.Fields[c.index]
		entry, err := json.Marshal([]map[string]string{{"field": field, "change": "NULLED", "reason": "SOURCE_RETRIEVAL_ERROR"}})
		if err != nil {
			continue // strings always have a JSON form
		}
		quoted, err := json.Marshal(field)
		if err != nil {
			continue
		}
		missing, path := literal(string(entry))+"::pg_catalog.jsonb", literal("$.changes[*] ? (@.field == "+string(quoted)+")")
		added = append(added, fmt.Sprintf("CASE WHEN %s THEN '[]' ELSE %s END", v.brought(c), entries(c, missing, path)))
	}
	if len(added) == 0 {
		return meta
	}
	return fmt.Sprintf("pg_catalog.jsonb_set(%[1]s, '{changes}', coalesce(%[1]s -> 'changes', '[]') || %[2]s)", meta, strings.Join(added, " || "))
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
