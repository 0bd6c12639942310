package merge

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"target-postgres/typemap"
)

//go:embed *.sql
var files embed.FS

// startOfStatement cannot be part of a name: [typemap.Quote] removes NUL.
const startOfStatement = "\x00"

var templates = template.Must(template.New("merge").Funcs(template.FuncMap{
	"prepares": start(Prepares), "inserts": start(Inserts), "updates": start(Updates), "deletes": start(Deletes), "writes": start(Writes),
}).ParseFS(files, "*.sql"))

// start is a template function which marks where a statement begins and what its row count means.
func start(e Effect) func() string {
	return func() string { return startOfStatement + string('0'+rune(e)) }
}

// sdcDeletedAt is the mark that Singer's targets set on rows that ACTIVATE_VERSION removes.
const sdcDeletedAt = "_sdc_deleted_at"

// name is a quoted column name together with what the templates ask about it.
type name struct {
	quoted string
	index  int // in Job.Columns
	byText bool
	mark   bool
}

// String is the quoted name.
func (n name) String() string { return n.quoted }

// of is the column of a table or subquery, "" for the one that needs no naming.
func (n name) of(alias string) string {
	if alias == "" {
		return n.quoted
	}
	return alias + "." + n.quoted
}

// comparable is the column as an expression whose type has equality, and an order.
func (n name) comparable(alias string) string {
	if n.byText {
		return n.of(alias) + "::text"
	}
	return n.of(alias)
}

// view is what the templates see. Names are quoted. By convention the alias s is the staged rows, which may be partial when
// Patched is set.
type view struct {
	job Job

	// Batch is the staged table as it came, Staged what rows are read from, Source one row a key of it.
	Target, Batch, Staged, Source, Late, Changes, Seen string

	Columns, Key, Rest, Marks []name
	tracked, order            []name
	engine                    []string

	Present, Gone, Instants, Version, Tombstone    string
	Start, End, Active, Deleted, SingerMark        string
	Duplicates, Patched, Removed, Deletes, Removes bool
	Apart, Folds, History, SoftDelete, HardDelete  bool
	Referenced, Order                              bool

	Round  int
	Before int64

	// prefix begins no staged column's name.
	prefix string
}

func newView(job Job) *view {
	v := &view{
		job: job, Target: job.Target.SQL(), Batch: job.Staged.SQL(), Round: job.Round, Referenced: job.Referenced,
		History: job.Mode == History, SoftDelete: job.Mode == SoftDelete, HardDelete: job.HardDelete,
		Present: quote(job.Present), Gone: quote(job.Gone), Instants: quote(job.At), Version: quote(job.Version),
		Start: quote(job.Start), End: quote(job.End), Active: quote(job.Active), Deleted: quote(job.Deleted),
		Duplicates: job.Has.Duplicates, Patched: job.Has.Patched && job.Mode.NeedsKey(), Order: len(job.Order) > 0,
	}
	v.columns()
	acts := v.History || v.SoftDelete || (job.Mode == Upsert && job.HardDelete)
	v.Removes = acts && job.Gone != ""
	v.Removed = acts && job.Has.Removed
	v.Deletes = v.Removed && job.Mode == Upsert
	v.Apart = !job.Unique || job.NullKeys || v.Patched
	v.tables()
	return v
}

// columns sorts the columns by what the mode does with them.
func (v *view) columns() {
	j := v.job
	for i, c := range j.Columns {
		n := name{quoted: quote(c.Name), index: i, byText: byText(c.Type), mark: slices.Contains(j.Marks, c.Name)}
		v.Columns = append(v.Columns, n)
		if slices.ContainsFunc(j.Key, func(k Column) bool { return k.Name == c.Name }) {
			continue
		}
		v.Rest = append(v.Rest, n)
		if n.mark {
			v.Marks = append(v.Marks, n)
		}
		past := v.History && (c.Name == j.Version || n.mark)
		if !past && !slices.Contains(j.Untracked, c.Name) {
			v.tracked = append(v.tracked, n)
		}
	}
	for _, k := range j.Key {
		v.Key = append(v.Key, name{quoted: quote(k.Name)})
	}
	for _, o := range j.Order {
		v.order = append(v.order, name{quoted: quote(o)})
	}
	if slices.Contains(j.Marks, sdcDeletedAt) {
		v.SingerMark = quote(sdcDeletedAt)
	}
	v.prefix = "_"
	for slices.ContainsFunc(j.Columns, func(c Column) bool { return strings.HasPrefix(c.Name, v.prefix) }) {
		v.prefix += "_"
	}
}

// tables names the tables, and decides where one row a key comes from.
func (v *view) tables() {
	beside := func(suffix string) string { return Name{Schema: "pg_temp", Table: v.job.Staged.Table + suffix}.SQL() }
	v.Late, v.Changes = beside("_late"), beside("_changes")
	v.Staged = v.Batch
	if v.Round > 0 {
		v.Staged = beside("_rounds")
	}
	v.Source, v.Tombstone = v.Staged, v.Gone
	v.Folds = v.Duplicates && (v.Patched || (v.SoftDelete && v.Removed)) && !v.History
	switch {
	case v.Folds:
		v.Source, v.Tombstone = beside("_folded"), v.Own("nothing_else")
	case v.Duplicates:
		v.Source = v.LastOfKey()
	}
	if !v.SoftDelete || !v.Removed {
		v.Tombstone = ""
	}
	v.engine = nil
	for _, c := range []string{v.Instants, v.Gone} {
		if c != "" {
			v.engine = append(v.engine, c)
		}
	}
}

// byText says whether values of a type are compared by their text: those that have no equality (json, xml, point, and arrays
// of them), and those whose equality only the server knows and may call different spellings equal (citext, interval).
func byText(t typemap.Type) bool {
	if t.Elem != nil {
		return byText(*t.Elem)
	}
	return t.Kind == typemap.KindOther || t.Kind == typemap.KindJSON
}

func quote(name string) string {
	if name == "" {
		return ""
	}
	return typemap.Quote(name)
}

// Own returns a name for a column of ours that no column of the batch has.
func (v *view) Own(name string) string { return quote(v.prefix + name) }

// From names the column that says which row of the key brought column c last.
func (v *view) From(c name) string { return v.Own("from" + strconv.Itoa(c.index+1)) }

// List returns columns of a table or subquery, separated by commas.
func (v *view) List(alias string, columns []name) string {
	return join(columns, ", ", func(c name) string { return c.of(alias) })
}

// Match is the condition for two rows to have the same key. Arrays are equal when they have NULLs in the same places, and
// unlike IS NOT DISTINCT FROM their equality can be hashed and sorted by.
func (v *view) Match(a, b string) string {
	return join(v.Key, " AND ", func(k name) string {
		if v.job.NullKeys {
			return fmt.Sprintf("ARRAY[%s] = ARRAY[%s]", k.of(a), k.of(b))
		}
		return k.of(a) + " = " + k.of(b)
	})
}

// NotOlder is the condition for the record a not to be older than the row b.
func (v *view) NotOlder(a, b string) string {
	var s strings.Builder
	s.WriteString("CASE")
	for _, o := range v.order {
		fmt.Fprintf(&s, " WHEN %s IS DISTINCT FROM %s THEN %s IS NULL OR %s > %s", o.of(a), o.of(b), o.of(b), o.of(a), o.of(b))
	}
	return s.String() + " ELSE true END"
}

// LastOfKey is the last row of every key.
func (v *view) LastOfKey() string {
	if !v.Duplicates {
		return v.Staged
	}
	where := ""
	if v.Round > 0 {
		where = fmt.Sprintf(" WHERE %s = %d", v.Own("round"), v.Round)
	}
	order := join(v.order, "", func(o name) string { return ", " + o.quoted + " DESC NULLS LAST" })
	key := v.List("", v.Key)
	return fmt.Sprintf("(SELECT DISTINCT ON (%s) * FROM %s%s ORDER BY %s%s, ctid DESC)", key, v.Staged, where, key, order)
}

// Instant is the instant that a row speaks of.
func (v *view) Instant(alias string) string {
	return "coalesce(" + alias + "." + v.Instants + ", now())"
}

// Marked says whether the row of a key is deleted, as far as its records tell.
func (v *view) Marked(alias string) string {
	if v.Folds && v.Removed {
		return alias + "." + v.Gone
	}
	return "false"
}

func join(columns []name, separator string, f func(name) string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = f(c)
	}
	return strings.Join(parts, separator)
}
