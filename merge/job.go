package merge

import (
	"errors"
	"fmt"
	"slices"

	"target-postgres/typemap"
)

// Name is a table's name, unquoted. Without a schema, as for a temporary table, the search path finds it.
type Name struct{ Schema, Table string }

// SQL returns the name quoted.
func (n Name) SQL() string {
	if n.Schema == "" {
		return typemap.Quote(n.Table)
	}
	return typemap.Quote(n.Schema) + "." + typemap.Quote(n.Table)
}

// Column is a column of the target and of the staged rows, which has the target's own type. The name is unquoted.
type Column struct {
	Name string
	Type typemap.Type
	// Identity says that the target numbers the column where a row brings no value (GENERATED … AS IDENTITY), Always
	// that only an INSERT can give it another one (GENERATED ALWAYS).
	Identity, Always bool
}

// Place says where the target's rows are.
type Place uint8

// The places. Rows that are elsewhere are fetched once for the keys of the batch and compared on this server: a join of
// the batch with a foreign table reads the whole of it, and Citus refuses some joins of a local table with a
// distributed one. The zero Place is Here.
const (
	Here        Place = iota
	Foreign           // on other servers, all or some of them: a foreign table, or one with foreign partitions
	Distributed       // in Citus' shards
	Replicated        // in a reference table of Citus, on every node
)

// Sharded reports whether Citus keeps the rows on its workers.
func (p Place) Sharded() bool { return p == Distributed || p == Replicated }

// Job is one batch of one stream that is to be merged into one table. All names are unquoted.
type Job struct {
	Mode Mode
	// Target is the table that rows are merged into. [Load] in mode Replace merges into the staging table that [Swap]
	// then reads.
	Target Name
	// Staged is the temporary table that holds the batch.
	Staged Name
	// Key are the key's columns, also part of Columns. They are NOT NULL unless NullKeys says otherwise.
	Key []Column
	// Columns are all columns of the record, in the order in which they are staged and in which Present has its bits.
	// Columns that the server computes are not among them.
	Columns []Column

	// Untracked are columns that are written with the row when something else changes, but by themselves never make a
	// record differ from its row, such as the time of extraction. All other columns are compared: types without
	// equality, and those only the server knows, by their text, so that a citext which changes its case is stored anew;
	// numbers, jsonb and the like by their own equality, so that 1.0 and 1.00 are the same.
	Untracked []string
	// Version names the column of the stream's version (_sdc_table_version), "" when the stream has none. A row that
	// differs in nothing else is written for it, but is no new version of history. A row's version never decreases: a
	// slower loader with an older version must not let the end of another loader's pass remove the rows of that pass.
	// Within a batch, the records of a key must not decrease it either.
	Version string
	// Marks names the columns of the target that are the source's own delete marks, such as _sdc_deleted_at. In history
	// they are not compared.
	Marks []string
	// Meta names Airbyte's _airbyte_meta, "" when there is none. A new row says there which values its record left out.
	// Fields are the names of the fields of Columns in it, "" for a column that is no field.
	Meta   string
	Fields []string
	// Order lets an older record not overwrite, mark, unmark, delete, close or re-open a newer row, within the batch
	// and against the table: the first column that differs decides, NULL is older than any value, and of equals the
	// last arrival wins. It is for Upsert, SoftDelete and History. A column that is Untracked too does not advance by a
	// record that is otherwise equal; leave it tracked where the result has to be independent of the batches. A
	// tombstone leaves its own order in the row that it marks or closes. (docs/adr/0020-order-of-records.md)
	Order []string
	// Loose takes a record that lacks a value in a column of Order, or whose row does, as it arrives. Only for History.
	Loose bool
	// Ignored names columns of mode History whose change makes no version: the active version's value is updated.
	Ignored []string
	// InsertLate lets records and tombstones of mode History take effect at their own instants, in any order of
	// arrival: a late one is inserted at its instant, and the versions around it are cut. Then Order and Loose have no
	// effect.
	InsertLate bool
	// Fill names the column of Order in which a tombstone without a value counts as the newest that is known of its
	// key; "" where it is the oldest, as a record is.
	Fill string
	// Tombstones is the table that remembers the tombstones of a run in which there is an Order: an older record that
	// comes in a later batch finds no row to be compared with. It has the key's columns, a unique index over them, and
	// the columns of Order. The zero Name remembers none.
	Tombstones Name

	// Present names the staged bit varying which has a bit for every one of Columns: 0 where a partial record lacks the
	// column. Columns beyond its length, and all when it is NULL, are present. "" when there is no such column.
	Present string
	// Gone names the staged boolean, not null, that is true for a tombstone. "" when there is no such column.
	Gone string
	// At names the staged timestamptz, in mode History, of the instant a record speaks of. NULL means now.
	At string

	// Start, End and Active name the columns of mode History: timestamptz NOT NULL, timestamptz, boolean NOT NULL.
	Start, End, Active string
	// Hash names the column of mode History that gets a hash of what makes a version, "" when there is none.
	Hash string
	// EndsFarAway lets an active version of mode History end in the year 9999, where End is NULL otherwise.
	EndsFarAway bool
	// Deleted names the boolean NOT NULL column of mode SoftDelete.
	Deleted string

	// HardDelete lets tombstones delete their row in mode Upsert, and removals in Append and Upsert. Otherwise the
	// first are records like any other, and the second set _sdc_deleted_at where Marks has it.
	HardDelete bool
	// IgnoreConflicts leaves rows as they are that have the key of a record: the first record of a key wins.
	// IgnoreMissing leaves records out whose key has no row. Tombstones act as always. Both are for Upsert and
	// SoftDelete, and not together.
	IgnoreConflicts, IgnoreMissing bool
	// Unique says that the target has a unique index over exactly the key that ON CONFLICT can go by (not a deferrable
	// constraint, no foreign partitions). Without, Upsert and SoftDelete use UPDATE and then INSERT, which no index
	// needs to support. That form is also the faster one for rows that are mostly new, because ON CONFLICT inserts
	// speculatively, and the slower one for rows that mostly exist.
	Unique bool
	// Repeats says that several rows of the target may have the same key, in mode History several active versions,
	// because no unique index forbids it. A key that the batch touches then ends as one row; keys that it does not
	// touch stay as they are. It has no effect where the rows are on other servers.
	Repeats bool
	// NullKeys matches NULLs in keys with each other, at the price of reading the whole target. A batch without a NULL
	// in its keys does not need it.
	NullKeys bool
	// Referenced says that another table has a foreign key to the target, for [Swap].
	Referenced bool
	// Slice holds [Swap], [Empty], [RemoveUnseen] and [RemoveVersions] to the slices that the run brought.
	Slice Slice
	// NoTruncate lets [Swap] delete the rows one by one.
	NoTruncate bool
	// Place is where the target's rows are.
	Place Place
	// Stretch holds the keys of the batch where the rows are in Citus' shards, or in partitions or chunks that have an
	// index each, nil where that is not known.
	Stretch *Stretch
	// Spread names the columns by which rows that are elsewhere are spread. They are never updated: Citus refuses that,
	// and a foreign partition keeps the row. If one changes, the row is deleted and inserted.
	Spread []string
	// UserCode says that code of the user's own may run when the target is read or written, and rely on the role's
	// search_path: triggers, policies, defaults, constraints. See [RolePath].
	UserCode bool
	// Has says what the batch needs beyond the simplest case, see [Has].
	Has Has
	// Round is 0, or the number from 1 of the round of mode History, see [Rounds].
	Round int
}

// Stretch is from the least to the greatest value of a whole number that the key begins with.
type Stretch struct{ From, To int64 }

// Slice says what a slice is. The zero value is for no slices.
type Slice struct {
	// Columns are the columns that say in which slice a row is.
	Columns []string
	// Range says that there is one column, and that all from the least to the greatest value that the run brought is
	// one slice.
	Range bool
	// Brought is the table that remembers the slices of a snapshot, see [BringSlices]. A replace finds them in its
	// staging table.
	Brought Name
}

// Has describes a batch. The zero value is the cheapest; a field that is true without need costs time, and one that is
// wrongly false gives wrong rows.
type Has struct {
	// Duplicates: some key may appear more than once.
	Duplicates bool
	// Patched: some row that is no tombstone may be partial. (Also a tombstone, where it is a record like any other.)
	Patched bool
	// Removed: some rows may be tombstones.
	Removed bool
	// Unnumbered: some row may lack the value of an Identity column, which the server then numbers.
	Unnumbered bool
	// Unavailable: some row may lack a value because the source left it out, for [Job.Meta] to say so.
	Unavailable bool
}

// check finds what the templates would turn into wrong SQL.
func (j Job) check() error {
	switch {
	case j.Mode.NeedsKey() && len(j.Key) == 0:
		return errors.New("there is no key")
	case len(j.Columns) == 0:
		return errors.New("there are no columns")
	case j.Has.Patched && j.Present == "" && j.Mode.NeedsKey():
		return errors.New("partial rows need the column that says what is present")
	case j.Has.Removed && j.Gone == "" && (j.HardDelete || j.Mode == History || j.Mode == SoftDelete):
		return errors.New("tombstones need the column that says so")
	case j.Mode == History && (j.Start == "" || j.End == "" || j.Active == "" || j.At == ""):
		return errors.New("the columns for the time are not named")
	case j.Mode == SoftDelete && j.Deleted == "":
		return errors.New("the column for the mark is not named")
	case j.Place != Here && j.spreadByTime():
		return errors.New("rows are spread by a column that the mode changes")
	case j.IgnoreConflicts && j.IgnoreMissing:
		return errors.New("no record would be loaded")
	case j.Fill != "" && !slices.Contains(j.Order, j.Fill):
		return errors.New("the column that tombstones are filled in is not one of the order")
	case j.Loose && j.Mode != History:
		return errors.New("a loose order is for mode history")
	}
	for _, k := range j.Key {
		if !slices.ContainsFunc(j.Columns, func(c Column) bool { return c.Name == k.Name }) {
			return fmt.Errorf("the key column %q is not among the columns", k.Name)
		}
	}
	return nil
}

// spreadByTime reports whether rows would have to move because of what the mode itself writes.
func (j Job) spreadByTime() bool {
	return slices.ContainsFunc(j.Spread, func(name string) bool {
		return (j.Mode == History && (name == j.End || name == j.Active)) || (j.Mode == SoftDelete && name == j.Deleted)
	})
}
