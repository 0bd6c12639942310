package index

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Index is an index that the settings of a stream ask for.
type Index struct {
	// Name is the index's own when it is made. Its end says what the index is, so that it is known on a table that was
	// renamed.
	Name string
	// Columns are columns of the table.
	Columns []string
	Unique  bool
	// Where is the condition of a partial index, "" for none.
	Where string
	// Method is the access method.
	Method string
}

const btree = "btree"

// New is an index of a table as a setting asks for it, over the columns of the setting's fields.
func New(table string, setting config.Index, columns []string) Index {
	i := Index{Columns: columns, Unique: setting.Unique, Where: setting.Where, Method: strings.ToLower(setting.Method)}
	if i.Method == "" {
		i.Method = btree
	}
	i.Name = i.named(table)
	return i
}

// own begins the end of a name of ours, which has 8 digits of a hash after it.
const own = "_singular_"

var ownName = regexp.MustCompile("_singular_[0-9a-f]{8}$")

// Declared reports whether an index has the name of one that settings asked for, now or earlier.
func Declared(name string) bool { return ownName.MatchString(name) }

// digits are the first ones of a text's hash.
func digits(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:8]
}

// end is the end of the name: the same for the same definition.
func (i Index) end() string {
	definition, _ := json.Marshal([]any{i.Columns, i.Unique, i.Where, i.Method}) //nolint:errchkjson // texts and booleans always can be
	return own + digits(definition)
}

// named makes the name for a table. The names of two tables of a schema differ, also where they are too long to be
// written out.
func (i Index) named(table string) string {
	const most = 63
	begin, end := table+"_"+strings.Join(i.Columns, "_"), i.end()
	if len(begin)+len(end) <= most {
		return begin + end
	}
	end = "_" + digits([]byte(begin)) + end
	cut := most - len(end)
	for !utf8.RuneStart(begin[cut]) {
		cut--
	}
	return begin[:cut] + end
}

// On is the statement that makes the index on a table. concurrently lets others write the table meanwhile.
func (i Index) On(table merge.Name, concurrently bool) string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if i.Unique {
		b.WriteString("UNIQUE ")
	}
	b.WriteString("INDEX ")
	if concurrently {
		b.WriteString("CONCURRENTLY ")
	}
	b.WriteString(typemap.Quote(i.Name) + " ON " + table.SQL() + " ")
	if i.Method != btree {
		b.WriteString("USING " + typemap.Quote(i.Method) + " ")
	}
	b.WriteString("(" + pgtx.QuoteAll(i.Columns) + ")")
	if i.Where != "" {
		b.WriteString(" WHERE " + i.Where)
	}
	return b.String()
}

// Is reports whether an index of the table with this name is this one.
func (i Index) Is(name string) bool { return strings.HasSuffix(name, i.end()) }

// Missing lists those of the indexes that the table does not have, or has as what an interrupted run left of one.
func Missing(have *pgcatalog.Table, wanted []Index) []Index {
	return slices.DeleteFunc(slices.Clone(wanted), func(i Index) bool {
		return slices.ContainsFunc(have.Indexes, func(h pgcatalog.Index) bool { return h.Valid && i.Is(h.Name) })
	})
}

// Beyond lists those of some indexes that are none of some others.
func Beyond(indexes, others []Index) []Index {
	return slices.DeleteFunc(slices.Clone(indexes), func(i Index) bool {
		return slices.ContainsFunc(others, func(o Index) bool { return i.Is(o.Name) })
	})
}

// Known lists the indexes of the table that settings asked for, now or earlier.
func Known(have *pgcatalog.Table) []string {
	var names []string
	for _, h := range have.Indexes {
		if Declared(h.Name) {
			names = append(names, h.Name)
		}
	}
	return names
}

// Left are those of some indexes of a table that settings do not ask for now.
func Left(known []string, wanted []Index) []string {
	return slices.DeleteFunc(slices.Clone(known), func(name string) bool {
		return slices.ContainsFunc(wanted, func(i Index) bool { return i.Is(name) })
	})
}
