// Package merge writes the SQL of the five load modes.
//
// Each mode is a file to read: append.sql, replace.sql, upsert.sql, history.sql and soft_delete.sql, with fold.sql for what
// several rows of one key amount to and remove.sql for what a full pass no longer brings. The package only fills names into
// them: it opens no connection and keeps no state.
//
// The caller begins a transaction (READ COMMITTED), creates a temporary table of the staged rows with ON COMMIT DROP, fills
// it with one COPY, and runs the statements of [Load] in order. The order in which the rows arrived is that of their ctid:
// in a table that the same transaction created, one COPY fills page after page. So nothing but COPY may write to it.
//
// Some statements create tables of their own in pg_temp, named after the staged table with a suffix of up to nine bytes.
//
// Rows are written in the order of their keys wherever SQL has a way to say so, yet a statement may fail because of another
// writer: deadlock_detected (40P01), and unique_violation (23505) where both inserted one key at the same time. Running the
// whole transaction again is the answer to both.
package merge

import (
	"fmt"

	"target-postgres/typemap"
)

// Mode is a load mode.
type Mode uint8

// The load modes. The zero Mode is Append.
const (
	Append Mode = iota
	Replace
	Upsert
	History
	SoftDelete
)

var modeNames = [...]string{"append", "replace", "upsert", "history", "soft_delete"}

// ParseMode returns the mode that the setting load_mode calls name.
func ParseMode(name string) (Mode, error) {
	for m, known := range modeNames {
		if name == known {
			return Mode(m), nil
		}
	}
	return Append, fmt.Errorf("no load mode is called %q", name)
}

// String returns the mode's name as the setting load_mode has it.
func (m Mode) String() string { return modeNames[m] }

// NeedsKey reports whether the mode matches rows by key, so that a stream without one cannot be loaded in it.
func (m Mode) NeedsKey() bool { return m == Upsert || m == History || m == SoftDelete }

// NeedsUniqueKey reports whether the mode keeps one row a key, so that a unique index over the key belongs on the table.
func (m Mode) NeedsUniqueKey() bool { return m == Upsert || m == SoftDelete }

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
}

// Job is one batch of one stream that is to be merged into one table. All names are unquoted.
type Job struct {
	Mode Mode
	// Target is the table that rows are merged into. [Load] in mode Replace merges into the staging table that [Swap] then
	// reads.
	Target Name
	// Staged is the temporary table that holds the batch.
	Staged Name
	// Key are the key's columns, also part of Columns. They are NOT NULL unless NullKeys says otherwise.
	Key []Column
	// Columns are all columns of the record, in the order in which they are staged and in which Present has its bits.
	// Columns that the server fills itself (generated, identity) are not among them.
	Columns []Column

	// Untracked are columns that are written with the row when something else changes, but by themselves never make a record
	// differ from its row, such as the time of extraction. All other columns are compared: types without equality, and those
	// only the server knows, by their text, so that a citext which changes its case is stored anew; numbers, jsonb and the
	// like by their own equality, so that 1.0 and 1.00 are the same.
	Untracked []string
	// Version names the column of the stream's version (_sdc_table_version), "" when the stream has none. A row that differs
	// in nothing else is written for it, but is no new version of history.
	Version string
	// Marks names the columns of the target that are the source's own delete marks, such as _sdc_deleted_at. In history they
	// are not compared.
	Marks []string
	// Order lets an older record not overwrite a newer row (Airbyte's append_dedup), within the batch and against the table:
	// the first column that differs decides, NULL is older than any value, and of equals the last arrival wins. Only for
	// Upsert. A column that is Untracked too does not advance by a record that is otherwise equal; leave it tracked where
	// the result has to be independent of the batches.
	Order []string

	// Present names the staged bit varying which has a bit for every one of Columns: 0 where a partial record lacks the
	// column. Columns beyond its length, and all when it is NULL, are present. "" when there is no such column.
	Present string
	// Gone names the staged boolean, not null, that is true for a tombstone. "" when there is no such column.
	Gone string
	// At names the staged timestamptz, in mode History, of the instant a record speaks of. NULL means now.
	At string

	// Start, End and Active name the columns of mode History: timestamptz NOT NULL, timestamptz, boolean NOT NULL.
	Start, End, Active string
	// Deleted names the boolean NOT NULL column of mode SoftDelete.
	Deleted string

	// HardDelete lets tombstones delete their row in mode Upsert, and removals in Append and Upsert. Otherwise the first are
	// records like any other, and the second set _sdc_deleted_at where Marks has it.
	HardDelete bool
	// Unique says that the target has a unique index over exactly the key that ON CONFLICT can go by. Without, Upsert and
	// SoftDelete use UPDATE and then INSERT, which no index needs to support. That form is also the faster one for rows that
	// are mostly new, because ON CONFLICT inserts speculatively, and the slower one for rows that mostly exist.
	Unique bool
	// NullKeys matches NULLs in keys with each other, at the price of reading the whole target. A batch without a NULL in its
	// keys does not need it.
	NullKeys bool
	// Referenced says that another table has a foreign key to the target, for [Swap].
	Referenced bool
	// Has says what the batch needs beyond the simplest case, see [Has].
	Has Has
	// Round is 0, or the number from 1 of the round of mode History, see [Rounds].
	Round int
}

// Has describes a batch. The zero value is the cheapest; a field that is true without need costs time, one that is false
// against the truth gives wrong rows.
type Has struct {
	// Duplicates: some key may appear more than once.
	Duplicates bool
	// Patched: some row that is no tombstone may be partial. (Also a tombstone, where it is a record like any other.)
	Patched bool
	// Removed: some rows may be tombstones.
	Removed bool
}

// Effect says what the row count in a statement's command tag means.
type Effect uint8

// The effects. Writes is an INSERT … ON CONFLICT, which inserts and updates; its tag counts both together. (RETURNING xmax
// would tell them apart for 5 % of the time, and fails on partitioned tables.)
const (
	Prepares Effect = iota // nothing in the target
	Inserts
	Updates
	Deletes // or marks, or closes, as the mode removes
	Writes
)

// Statement is one statement, without a semicolon at its end.
type Statement struct {
	SQL    string
	Effect Effect
}

// Count reads the number of rows from the statement's command tag. What a Writes statement did counts as updated.
func (s Statement) Count(rows int64) (inserted, updated, deleted int64) {
	switch s.Effect {
	case Inserts:
		return rows, 0, 0
	case Updates, Writes:
		return 0, rows, 0
	case Deletes:
		return 0, 0, rows
	default:
		return 0, 0, 0
	}
}
