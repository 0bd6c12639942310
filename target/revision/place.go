package revision

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
)

// Locate makes what is known of a stream's table: where its rows are, and by what indexes they are found.
func Locate(s *Spec, have *pgcatalog.Table) *Table {
	place := have.Place()
	unique, repeats := s.foundBy(have)
	t := &Table{
		Into: s.OwnTable(), Unique: unique, Repeats: repeats, OwnRepeats: repeats,
		OneActive: have.Covered() && migrate.HasHistoryIndex(have, s.Key, s.Versions().Active),
		place:     place, intoPlace: place, Spread: have.Spread, Partitioned: have.Partitioned(), Chunked: have.Chunked,
		noTruncate: place == merge.Foreign && !have.ForeignTruncate,
		Routed:     have.Routed && !have.Children && have.Kind == pgcatalog.OrdinaryTable,
		columns:    have.Columns, Referenced: have.Referenced, RowSecurity: have.Security,
		PlainTable: have.Simple() || have.Plainly(), UserCode: have.UserCode, Ruled: have.Rules,
		Marks: slices.DeleteFunc(s.DeleteMarks(), func(mark string) bool { return have.Column(mark) == nil }),
	}
	for _, index := range have.Indexes {
		t.indexes = append(t.indexes, index.Name)
	}
	if s.Mode == merge.History {
		t.Repeats = !t.OneActive
	}
	return t
}

// foundBy reports whether a unique index finds the rows of a table by the key, and whether nothing keeps rows from
// having the same one.
func (s *Spec) foundBy(table *pgcatalog.Table) (unique, repeats bool) {
	covered := table.Covered()
	// PostgreSQL refuses ON CONFLICT where any constraint over the key may be checked later.
	return covered && table.Unique(s.Key) != nil && table.Deferred(s.Key) == nil, !covered || !table.Distinct(s.Key)
}

// InStaging is the table of a stream whose rows are merged into a staging table, which has a name in the schema of the
// stream's own. former are the columns there whose fields the stream no longer has.
func (s *Revision) InStaging(name string, staged *pgcatalog.Table, former []merge.Column) *Table {
	t := *s.Table
	t.Into = merge.Name{Schema: s.SchemaName, Table: name}
	t.Unique, t.Repeats = s.foundBy(staged)
	t.intoPlace, t.Staged = staged.Place(), former
	return &t
}

// WithGuard is the same table where a row may be in the way of another one than that of its key, or may not.
func (t *Table) WithGuard(guarded bool) *Table {
	other := *t
	other.CrossRowConstraints = guarded
	return &other
}

// KeysApart reports whether the table is partitioned on this server by more than the key, so that no index of it finds
// a key in all of its partitions.
func (s *Revision) KeysApart() bool {
	found := s.Unique
	if s.Mode == merge.History {
		found = s.OneActive
	}
	return s.Keyed() && s.Partitioned && s.place == merge.Here && s.Into == s.OwnTable() && !found && !s.UserCode
}

// PlaceOf adds to a merge where the rows of its target are. A staging table is elsewhere only in a schema that Citus
// distributes: every table of it lies in the schema's shard.
func (s *Revision) PlaceOf(job *merge.Job) {
	job.NoTruncate = s.noTruncate
	if job.Target.Table != s.TableName {
		job.Place = s.intoPlace
		return
	}
	job.Place, job.Spread = s.place, s.Spread
	if s.moves() || s.Ruled && s.place == merge.Here { // new rows are found before the INSERT
		job.Place = merge.Foreign
	}
	if slices.Contains(s.Spread, "") {
		// Of an expression it is not known what changes it: every change is taken for a move.
		job.Spread = nil
		for _, c := range job.Columns {
			job.Spread = append(job.Spread, c.Name)
		}
	}
}

// moves reports whether an update may have to take a row from one chunk to another, which TimescaleDB refuses: the key
// does not say which chunk it is in. The merge then deletes such a row and inserts it, as it does where a row goes to
// another server.
func (s *Revision) moves() bool {
	return s.Chunked && s.Mode.NeedsUniqueKey() && slices.ContainsFunc(s.Spread, func(column string) bool { return !slices.Contains(s.Key, column) })
}

// LacksPart reports whether a row has NULL in the column by which the rows are spread, so that no part of the table can
// take it. TimescaleDB and Citus do not say which column that is.
func (s *Revision) LacksPart(err error) bool {
	code, named := failure.SQLState(err), ""
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		named = pg.ColumnName
	}
	return len(s.Spread) > 0 && s.Spread[0] != "" && named == "" && (code == pgerrcode.NullValueNotAllowedDataException || code == pgerrcode.NotNullViolation && s.Chunked)
}

// nameNull adds to an error about such a row which column it is: the first one, the time, where there are several.
func (s *Revision) nameNull(err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || e.Column != "" || !s.LacksPart(err) {
		return err
	}
	e.Column = s.Spread[0]
	e.Reason = fmt.Sprintf("a row has NULL in the column by which the rows of %q are spread: no part of the table can take it", s.TableName)
	e.Hint = "bring a value in every record, give the column a default, or spread the table by a column that always has a value"
	return err
}

// nameWhole makes of what a row breaks in a part of the table that of the whole table, which is the one that users
// know.
func (s *Revision) nameWhole(err error) error {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	whole, known, chunk := *pg, false, s.ofChunk(pg)
	whole.SchemaName, whole.TableName = s.SchemaName, s.TableName
	switch pg.Code {
	case pgerrcode.NotNullViolation:
		known = (s.Partitioned || chunk) && slices.ContainsFunc(s.columns, func(c pgcatalog.Column) bool { return c.Name == pg.ColumnName && c.NotNull })
	case pgerrcode.CheckViolation, pgerrcode.ForeignKeyViolation: // these have the name that they have in the table
		known = chunk
	case pgerrcode.UniqueViolation, pgerrcode.ExclusionViolation:
		whole.ConstraintName = numberOfChunk.ReplaceAllString(strings.TrimPrefix(pg.ConstraintName, pg.TableName+"_"), "")
		known = chunk && slices.Contains(s.indexes, whole.ConstraintName) // of a long name the end is cut off
	}
	if !known {
		return err
	}
	return &whole
}

// numberOfChunk is what the name of a constraint of a chunk begins with: the chunk's number.
var numberOfChunk = regexp.MustCompile(`^\d+_`)

// ofChunk reports whether an error names a chunk of the table.
func (s *Revision) ofChunk(pg *pgconn.PgError) bool {
	return s.Chunked && strings.HasSuffix(pg.TableName, "_chunk") && byRow(pg)
}

// byRow reports whether a row of ours has brought an error about, rather than one that a function has written.
func byRow(pg *pgconn.PgError) bool { return pg.Where == "" || strings.HasPrefix(pg.Where, "COPY ") }

// hintWhole says what to do about an index of a part: it goes with that of the whole table, of which the name is not
// known.
func (s *Revision) hintWhole(err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || e.Hint == "" || !s.Partitioned && !s.Chunked {
		return err
	}
	if pg := failure.Said(e); pg != nil && pg.Code == pgerrcode.UniqueViolation && byRow(pg) && pg.TableName != s.TableName && !strings.HasPrefix(pg.TableName, "_singular_") {
		e.Hint = "the table allows fewer rows than the stream brings: choose the key and load mode that fit it, or drop the constraint; if it belongs to one of " +
			s.OwnTable().SQL() + ", drop that one"
	}
	return err
}
