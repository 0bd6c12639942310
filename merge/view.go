package merge

import (
	"cmp"
	"embed"
	"slices"
	"strings"
	"sync"
	"text/template"

	"target-postgres/typemap"
)

//go:embed *.sql
var files embed.FS

// startOfStatement cannot be part of a name: [typemap.Quote] removes NUL.
const startOfStatement = "\x00"

// templates are parsed when the first is needed: that takes ten milliseconds, in which a run can be logging in.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("merge").Funcs(template.FuncMap{
		"prepares": start(Prepares), "inserts": start(Inserts), "updates": start(Updates),
		"tells": start(Tells), "deletes": start(Deletes), "writes": start(Writes), "checks": start(Checks), "ignores": start(Ignores), "passes": start(Passes), "asks": start(Asks),
	}).ParseFS(files, "*.sql"))
})

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
	// text makes an expression of the column's type one in which only the same text is equal, "" where equality is as
	// it should be.
	text string
	// equal and greater are the type's operators, "" where they are pg_catalog's.
	equal, greater string

	mark   bool
	spread bool
	// fixed says that only an INSERT gives the column a value, filled that the server numbers it where a row has none.
	fixed, filled bool
}

// Index is the column's place among those of the job.
func (n name) Index() int { return n.index }

// String is the quoted name.
func (n name) String() string { return n.quoted }

// of is the column of a table or subquery, "" for the one that needs no naming.
func (n name) of(alias string) string {
	if alias == "" {
		return n.quoted
	}
	return alias + "." + n.quoted
}

// equals is the operator that calls two values of the column equal.
func (n name) equals() string { return cmp.Or(n.equal, "=") }

// exceeds is the operator that calls one value greater than another.
func (n name) exceeds() string { return cmp.Or(n.greater, ">") }

// comparable is the column as an expression whose type has equality, and an order.
func (n name) comparable(alias string) string {
	return n.of(alias) + n.text
}

// view is what the templates see. Names are quoted. By convention the alias s is the staged rows, which may be partial
// when Patched is set.
type view struct {
	job Job

	// Batch is the staged table as it came, Staged what rows are read from, Source one row a key of it.
	Target, Batch, Staged, Source, Changes, Seen string
	// Current is where the target's rows are read for comparison: the target itself, or what was fetched of it. News
	// are the rows of Source that change something about those. Back are the instants at which a version of no length
	// comes back to a row that is elsewhere, Tombs the batch's tombstones where those have to be a table, Unseen the
	// keys that a snapshot did not bring.
	Current, News, Back, Tombs, Unseen string
	// Ended are the rows of Changes by which versions of the target end. Settles says that they are a table of their
	// own.
	Ended   string
	Settles bool
	// There is where it is read whether the batch's keys have rows: the target itself, or what was fetched of it.
	// Events are the batch's records and tombstones, numbered, where those have to be looked at one after the other.
	// Passed are the versions of the stream that rows get which stay as they are.
	There, Events, Passed string
	// Stored has what NotOlderThanRow asks of the target's rows: the target itself, or what was fetched of it.
	Stored string

	// Known is where the order of the target's rows is read, Tombstones that of the run's tombstones, "" if there is
	// none.
	Known, Tombstones string

	Columns, Key, Rest, Marks []name
	tracked, order            []name
	// counted is the order by which records count that are partial.
	counted []name
	// known is the order by which order.sql goes.
	known []name
	// Raised are the columns of the order that a tombstone writes to the row that it marks or closes.
	Raised []name
	// Told are the columns whose change makes no version of a history: the active version gets the new value.
	Told []name
	// Fixed are the columns beside the key that only an INSERT gives a value.
	Fixed []name

	Present, Gone, Instants, Version, Tombstone    string
	Start, End, Active, Deleted, SingerMark, Hash  string
	Duplicates, Patched, Removed, Deletes, Removes bool
	Apart, Folds, History, SoftDelete, HardDelete  bool
	Referenced, NoTruncate, Order                  bool
	KnowsRows, Loose                               bool
	Elsewhere, Moves, Removing, Repeats, Counts    bool
	Citus                                          bool
	// Keeps leaves the rows as they are that are there, Only inserts none. Chooses says that records and tombstones
	// alternate, so that it has to be found out which record is the first.
	Keeps, Only, Chooses bool
	// Lifts says that a record with an older version of the stream leaves the version of its row.
	Lifts                  bool
	UserCode, Spells, Late bool

	// Sliced are the columns of the slices that a replace or snapshot is held to, Range the one of a range, Slices the
	// table of those that the run brought, Altered that of the rows by which these differ from what is stored.
	Sliced                 []name
	Range, Slices, Altered string

	// Fills is the column of the order that tombstones without a value are given one in, Unfilled the batch without
	// that.
	Fills    name
	Unfilled string

	// AsItCame is the batch that OneSpelling is made of, which has one spelling of every key. Both are "" where no key
	// has several.
	AsItCame, OneSpelling string

	// Asks reports whether to ask first which statements have something to do.
	Asks bool

	Round  int
	Before int64

	// Kept is the table of superseded records, Brought its column for what a record brings, Gathered its columns that
	// the batch lacks.
	Kept, Brought string
	Gathered      []name

	// prefix begins no staged column's name.
	prefix string
}

func newView(job Job) *view {
	late := job.InsertLate && job.Mode == History
	if late {
		job.Order, job.Loose = nil, false // the instants decide
	}
	v := &view{
		job: job, Late: late, Target: job.Target.SQL(), Batch: job.Staged.SQL(), Round: job.Round, Referenced: job.Referenced,
		History: job.Mode == History, SoftDelete: job.Mode == SoftDelete, HardDelete: job.HardDelete,
		Present: quote(job.Present), Gone: quote(job.Gone), Instants: quote(job.At), Version: quote(job.Version),
		Start: quote(job.Start), End: quote(job.End), Active: quote(job.Active), Deleted: quote(job.Deleted), Hash: quote(job.Hash),
		Duplicates: job.Has.Duplicates, Patched: job.Has.Patched && job.Mode.NeedsKey(), Loose: job.Loose,
		NoTruncate: job.NoTruncate, Elsewhere: job.Place != Here, Citus: job.Place == Distributed || job.Place == Replicated, UserCode: job.UserCode,
	}
	one := job.Mode.NeedsUniqueKey()
	v.Lifts = job.Version != "" && (one || v.History) && !slices.Contains(job.Order, job.Version)
	v.Keeps, v.Only = job.IgnoreConflicts && one, job.IgnoreMissing && one
	v.columns()
	v.slices()
	v.inOrder()
	if v.History && v.Gone == "" {
		v.Gone = v.Own("gone")
	}
	acts := v.History || v.SoftDelete || (job.Mode == Upsert && job.HardDelete)
	v.Removes = acts && job.Gone != ""
	v.Removed = acts && job.Has.Removed
	if v.History && !v.Removed {
		v.Raised = nil // no tombstone leaves its order
	}
	v.Deletes = v.Removed && job.Mode == Upsert
	v.KnowsRows = v.KnowsRows || (v.Order && v.Only && v.Removed)
	// A tombstone that a newer record of the batch follows has deleted the row by then. The older tombstones are left
	// out first: only then is known which ones did.
	v.KnowsRows = v.KnowsRows || (v.Order && v.Deletes && v.Duplicates && !v.Patched && !v.Keeps)
	v.Chooses = v.Keeps && v.Duplicates && v.Removed
	v.Apart = v.Only || !job.Unique || job.NullKeys || v.Patched || job.Has.Unnumbered
	// A unique index lets NULLs repeat.
	v.Repeats = (job.Repeats || job.NullKeys) && !v.Elsewhere && !v.Keeps && len(job.Key) > 0
	v.Asks = v.Repeats && v.Apart && one && !v.Only && !v.Order && !v.Duplicates && !v.Patched && !v.Removed && !v.UserCode && !job.NullKeys && !job.Has.Unnumbered
	v.Counts = v.Order && v.Patched && !v.KnowsRows && !v.Keeps
	v.tables()
	if v.Counts {
		// The order of the records that count is settled: the last one of a key wins.
		v.counted, v.order, v.Order = v.order, nil, false
	}
	return v
}

// ignores reports whether the change of a column is to make no version. A column of the order, or one that marks, has
// its own rules.
func (v *view) ignores(column string) bool {
	return slices.Contains(v.job.Ignored, column) && !slices.Contains(v.job.Order, column) && !slices.Contains(v.job.Marks, column)
}

// columns sorts the columns by what the mode does with them.
func (v *view) columns() {
	j := v.job
	for i, c := range j.Columns {
		n := name{quoted: quote(c.Name), index: i, text: asText(c.Type), mark: slices.Contains(j.Marks, c.Name)}
		n.spread = j.Place != Here && slices.Contains(j.Spread, c.Name)
		n.fixed, n.filled = c.Always, c.Identity && j.Has.Unnumbered
		v.Columns = append(v.Columns, n)
		if slices.ContainsFunc(j.Key, func(k Column) bool { return k.Name == c.Name }) {
			continue
		}
		v.Rest = append(v.Rest, n)
		v.Moves = v.Moves || n.spread
		if n.mark {
			v.Marks = append(v.Marks, n)
		}
		past := v.History && (c.Name == j.Version || n.mark || n.filled)
		if v.History && (c.Name == j.Version || v.ignores(c.Name) && !n.fixed && !n.spread) {
			v.Told, past = append(v.Told, n), true
		}
		if n.fixed {
			v.Fixed = append(v.Fixed, n)
			past = past || !v.History
		}
		if !past && !slices.Contains(j.Untracked, c.Name) {
			v.tracked = append(v.tracked, n)
		}
	}
	for _, k := range j.Key {
		v.Key = append(v.Key, name{quoted: quote(k.Name), equal: k.Type.Equality})
	}
	if slices.Contains(j.Marks, sdcDeletedAt) {
		v.SingerMark = quote(sdcDeletedAt)
	}
	taken := []string{j.Present, j.Gone, j.At}
	for _, c := range j.Columns {
		taken = append(taken, c.Name)
	}
	v.prefix = "_"
	for slices.ContainsFunc(taken, func(name string) bool { return strings.HasPrefix(name, v.prefix) }) {
		v.prefix += "_"
	}
}

// inOrder finds the columns that order the records of a key. Those of the key itself order nothing.
func (v *view) inOrder() {
	for _, o := range v.job.Order {
		if v.isKey(name{quoted: quote(o)}) {
			continue
		}
		n := name{quoted: quote(o)}
		i := slices.IndexFunc(v.Columns, func(c name) bool { return c.quoted == n.quoted })
		if i >= 0 {
			n.index, n.equal, n.greater = i, v.job.Columns[i].Type.Equality, v.job.Columns[i].Type.Greater
		}
		v.order = append(v.order, n)
		own := v.History && o == v.job.Version // tells passes apart; closing a version is not being seen
		if i >= 0 && !v.Columns[i].fixed && !v.Columns[i].spread && !own {
			v.Raised = append(v.Raised, n)
		}
	}
	v.known, v.Order = v.order, len(v.order) > 0
	v.KnowsRows = v.Order && (v.History || v.SoftDelete)
	if v.Order && v.job.Tombstones.Table != "" {
		v.Tombstones = v.job.Tombstones.SQL()
	}
}

// Raises reports whether a tombstone leaves its value of column c in the row that it marks or closes.
func (v *view) Raises(c name) bool {
	return slices.ContainsFunc(v.Raised, func(o name) bool { return o.quoted == c.quoted })
}

// tables names the tables, and decides where one row a key comes from.
func (v *view) tables() {
	beside := func(suffix string) string { return Name{Schema: "pg_temp", Table: v.job.Staged.Table + suffix}.SQL() }
	v.Changes, v.Back, v.Tombs = beside("_changes"), beside("_back"), beside("_tombs")
	v.Current, v.News = v.Target, beside("_news")
	v.Stored, v.There, v.Events = v.Target, v.Target, beside("_events")
	if v.Elsewhere {
		v.Current, v.Stored, v.There = beside("_current"), beside("_stored"), beside("_there")
	}
	v.Passed, v.Ended = v.Batch, v.Changes
	byText := slices.ContainsFunc(v.Told, func(c name) bool { return c.text != "" })
	if v.Settles = v.History && v.Elsewhere && (byText || len(v.Raised) > 0); v.Settles {
		v.Ended = beside("_ended")
	}
	v.Known = v.Target
	if v.Elsewhere {
		v.Known = beside("_known")
	}
	if v.Elsewhere && v.Duplicates {
		v.Passed = beside("_passed")
	}
	v.Staged = v.Batch
	switch {
	case v.Round > 0:
		v.Staged = beside("_rounds")
	case v.Counts:
		v.Staged = beside("_counted")
	}
	v.Source, v.Tombstone = v.Staged, v.Gone
	v.Folds = v.Duplicates && ((v.Patched && !v.Keeps) || (v.SoftDelete && v.Removed)) && !v.History
	switch {
	case v.Folds:
		v.Source, v.Tombstone = beside("_folded"), v.Own("nothing_else")
	case v.Duplicates:
		v.Source = v.LastOfKey()
	}
	if !v.SoftDelete || !v.Removed {
		v.Tombstone = ""
	}
}

// asText is how values of a type are compared by their text: those that have no equality (json, xml, point, and arrays
// of them), those whose equality only the server knows and may call different spellings equal (citext, interval), and
// those of a collation that does so.
func asText(t typemap.Type) string {
	suffix := ""
	if byText(t) {
		suffix = "::text"
	}
	if t.Collation != "" {
		suffix += ` COLLATE pg_catalog."C"`
	}
	return suffix
}

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
