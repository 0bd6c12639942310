package target

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// settle takes over where the rows of the stream's table are, and by what indexes they are found.
func (s *stream) settle(have *pgcatalog.Table) {
	s.facts = &facts{into: s.table()}
	s.place, s.spread, s.partitioned = have.Place(), have.Spread, have.Partitioned()
	s.noTruncate = s.place == merge.Foreign && !have.ForeignTruncate
	s.columns = have.Columns
	s.indexedBy(have)
	s.oneActive = have.Covered() && migrate.HasHistoryIndex(have, s.key, true)
	s.chunked = have.Chunked
	s.routed = have.Routed && !have.Children && have.Kind == "r"
	s.ownRepeats = s.repeats
	if s.mode == merge.History {
		s.repeats = !s.oneActive
	}
}

// indexedBy takes over by what indexes the rows of a table are found: the stream's own, or the staging table that they gather in.
func (s *stream) indexedBy(into *pgcatalog.Table) {
	covered := into.Covered()
	// PostgreSQL refuses ON CONFLICT where any constraint over the key may be checked later.
	s.unique = covered && into.Unique(s.key) != nil && into.Deferred(s.key) == nil
	s.repeats = !covered || !into.Distinct(s.key)
	s.intoPlace = into.Place()
}

// placeOf adds to a merge where the rows of its target are. A staging table is elsewhere only in a schema that Citus distributes: every
// table of it lies in the schema's shard.
func (s *stream) placeOf(job *merge.Job) {
	job.NoTruncate = s.noTruncate
	if job.Target.Table != s.tableName {
		job.Place = s.intoPlace
		return
	}
	job.Place, job.Spread = s.place, s.spread
	if s.moves() {
		job.Place = merge.Foreign
	}
	if slices.Contains(s.spread, "") {
		// Of an expression it is not known what changes it: every change is taken for a move.
		job.Spread = nil
		for _, c := range job.Columns {
			job.Spread = append(job.Spread, c.Name)
		}
	}
}

// moves reports whether an update may have to take a row from one chunk to another, which TimescaleDB refuses: the key does not say
// which chunk it is in. The merge then deletes such a row and inserts it, as it does where a row goes to another server.
func (s *stream) moves() bool {
	return s.chunked && s.mode.NeedsUniqueKey() && slices.ContainsFunc(s.spread, func(column string) bool { return !slices.Contains(s.key, column) })
}

// lacksPart reports whether a row has NULL in the column by which the rows are spread, so that no part of the table can take it.
// TimescaleDB and Citus do not say which column that is.
func (s *view) lacksPart(err error) bool {
	code, named := failure.SQLState(err), ""
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		named = pg.ColumnName
	}
	return len(s.spread) > 0 && s.spread[0] != "" && named == "" && (code == pgerrcode.NullValueNotAllowedDataException || code == pgerrcode.NotNullViolation && s.chunked)
}

// nameNull adds to an error about such a row which column it is: the first one, the time, where there are several.
func (s *view) nameNull(err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || e.Column != "" || !s.lacksPart(err) {
		return err
	}
	e.Column = s.spread[0]
	e.Reason = fmt.Sprintf("a row has NULL in the column by which the rows of %q are spread: no part of the table can take it", s.tableName)
	e.Hint = "bring a value in every record, give the column a default, or spread the table by a column that always has a value"
	return err
}

// looksElsewhere says whether copying the rows begins a transaction on another server. What that sees stays as it is then, so
// that whoever merges in it must have the table to himself before.
func (l *load) looksElsewhere() bool { return l.direct && l.job.Place == merge.Foreign }

// partitionsOf is a query for the partitions of a table.
func partitionsOf(table merge.Name) string {
	return "pg_catalog.pg_partition_tree(" + pgtx.Literal(table.SQL()) + ")"
}
