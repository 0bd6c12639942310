package target

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Records of a key may be ordered by a column: that of order_by, Airbyte's cursor, or in history the field that history_time_column names. An
// older record then never takes anything back from a newer one. (docs/adr/0020-order-of-records.md)

// order tells the merge how the records of a key are ordered.
func (s *stream) order(job *merge.Job) {
	job.Order = s.orderedBy()
	job.Loose = len(job.Order) > 0 && s.cursor() == "" && s.mode == merge.History
	if column := s.ordering(); s.config.OrderBy != "" && slices.Contains(job.Order, column) {
		job.Fill = column
	}
	if s.tombstones != "" && len(job.Order) > 0 {
		job.Tombstones = merge.Name{Schema: s.schemaName, Table: s.tombstones}
	}
}

// orderedBy lists the columns that order the records of a key, none if they are taken as they arrive.
func (s *stream) orderedBy() []string {
	column := s.ordering()
	switch {
	case !s.keyed() || s.insertsLate():
		return nil
	case s.airbyte && s.mode == merge.Upsert && column != "":
		return []string{column, emittedColumn}
	case s.airbyte && s.mode == merge.Upsert:
		return []string{emittedColumn}
	case column == "":
		return nil
	// A pass that replaces those before it is newer than all of them, whatever its records say.
	case s.airbyte && s.truncates:
		return []string{generationColumn, column}
	case !s.airbyte && s.versioned:
		return []string{migrate.VersionColumn, column}
	default:
		return []string{column}
	}
}

// cursor is the field that orders the records of a key: what order_by names, else what Airbyte's catalog does.
func (s *spec) cursor() string { return s.config.Order(s.schema.Cursor) }

// describeOrdering refuses an order_by that cannot order the stream's records. One for all streams is for those that have the field.
func (s *spec) describeOrdering() error {
	if s.config.OrderBy == "" || s.mode == merge.Append {
		return nil
	}
	at := slices.IndexFunc(s.fields, func(f typemap.Field) bool { return f.Name == s.config.OrderBy })
	var fault string
	switch {
	case at < 0 && !s.config.NamesOrder():
		s.config.OrderBy = ""
		return nil
	case at < 0:
		fault = "order_by names a field that the stream does not have"
	case s.fields[at].Type.Kind == typemap.KindJSONB && (s.fields[at].Container != "" || onlyContainers(s.schema.JSON, s.config.OrderBy)):
		fault = "order_by names a field that has no order: its type is " + s.fields[at].Type.Name
	case len(s.key) == 0:
		fault = "order_by needs a key, by which records are told apart"
	default:
		return nil
	}
	return s.orderFault(fault)
}

func (s *spec) orderFault(fault string) error {
	return &failure.Error{
		Kind: failure.KindConfig, Stream: s.name, Column: s.config.OrderBy, Reason: fault,
		Hint: "name a field of numbers, dates or texts in " + s.setting("order_by", `"…"`) + ", or leave it out",
	}
}

// checkOrder refuses an order_by whose field has no column that can be ordered by.
func (s *stream) checkOrder() error {
	if s.config.OrderBy == "" || s.mode == merge.Append || s.ordering() != "" {
		return nil
	}
	return s.orderFault("order_by names a field that has no column, or one without an order")
}

// ordering is the field's column that the records of a key are ordered by, "" if there is none.
func (s *stream) ordering() string {
	switch {
	case s.mode == merge.Append || (s.mode == merge.Replace && s.config.OrderBy == ""):
		return ""
	case s.cursor() != "":
		return s.columnOf(s.cursor(), func(t typemap.Type) bool { return t.Kind != typemap.KindJSON })
	case s.mode == merge.History && s.config.HistoryTimeColumn != "":
		return s.columnOf(s.config.HistoryTimeColumn, isTime)
	default:
		return ""
	}
}

// columnOf is the column that a field is stored in, if its type will do.
func (s *stream) columnOf(field string, will func(typemap.Type) bool) string {
	for i, f := range s.fields {
		if f.Name != field {
			continue
		}
		for _, c := range s.columns {
			if c.Name == s.names[i] && c.Writable() && will(c.Type()) {
				return c.Name
			}
		}
	}
	return ""
}

func anyType(typemap.Type) bool { return true }

// isInstant reports whether a column holds instants.
func isInstant(t typemap.Type) bool {
	return t.Kind == typemap.KindTimestamp || t.Kind == typemap.KindTimestampTZ
}

// isTime reports whether a column of times, which may be numbers, can be ordered by. Texts have no single form.
func isTime(t typemap.Type) bool {
	switch t.Kind {
	case typemap.KindDate, typemap.KindInt2, typemap.KindInt4, typemap.KindInt8, typemap.KindNumeric, typemap.KindFloat4, typemap.KindFloat8:
		return true
	default:
		return isInstant(t)
	}
}

// instants is the field that the instants of versions come from, "" if they are those of the extraction.
func (s *stream) instants() string {
	if s.config.HistoryTimeColumn != "" {
		return s.config.HistoryTimeColumn
	}
	if s.cursor() != "" && s.columnOf(s.cursor(), isInstant) != "" {
		return s.cursor()
	}
	return ""
}

// tombstonesKept is how long the table of an interrupted run is left alone: another run may still use it.
const tombstonesKept = 24 * time.Hour

// prepareTombstones makes the table that remembers the tombstones of a run for batches to come, once there is one. It has to
// wait for the first tombstone: most streams never have any.
func (t *Target) prepareTombstones(ctx context.Context, conn *pgx.Conn, s *stream, have *pgcatalog.Table) error {
	order := s.orderedBy()
	if !s.ops || len(order) == 0 || !s.removes() || s.forgets {
		return nil
	}
	if s.tombstones == "" {
		if err := t.dropLeftoversOf(ctx, conn, s, "tombstones", tombstonesKept); err != nil {
			return err
		}
	}
	name := t.nameBeside(s, "tombstones")
	want := migrate.Spec{Schema: s.schemaName, Name: name, Stream: s.name, Replaced: s.mode == merge.Replace, Mode: merge.Upsert, Key: s.key, NullKeys: s.airbyte, Comment: label(s, "tombstones"), Closed: true}
	clause := "NOT NULL"
	if s.airbyte {
		clause = ""
	}
	for _, key := range s.key {
		want.Columns = append(want.Columns, migrate.Column{Name: key, Type: have.Column(key).Type(), Clause: clause, Exact: true})
	}
	for _, column := range order {
		if existing := have.Column(column); existing != nil && !want.Has(column) {
			want.Columns = append(want.Columns, migrate.Column{Name: column, Type: existing.Type(), Exact: true})
		}
	}
	_, err := t.migrator.Ensure(ctx, conn, want, config.MigrationPolicy{})
	if failure.SQLState(err) == pgerrcode.InsufficientPrivilege {
		t.log.Warn("an older record that comes in a later batch than the delete of its row brings the row back: the role may not create the table that remembers deletes",
			"stream", s.name, "schema", s.schemaName)
		s.forgets = true
		return nil
	}
	if err == nil {
		s.tombstones = name
	}
	return err
}

// dropTombstones drops the tables at the end.
func (t *Target) dropTombstones() error {
	for _, s := range t.order {
		if s.tombstones == "" {
			continue
		}
		if err := t.dropBeside(s, merge.Name{Schema: s.schemaName, Table: s.tombstones}, "drop the table of tombstones"); err != nil {
			return err
		}
		s.tombstones = ""
	}
	return nil
}

// dropTombstonesOfFailure drops the tables after a failure that ended the pipeline, on a connection of its own. It gives up soon:
// what it leaves, a run of another day drops.
func (t *Target) dropTombstonesOfFailure(ctx context.Context) {
	var drops strings.Builder
	for _, s := range t.order {
		if s.tombstones != "" {
			drops.WriteString("; DROP TABLE IF EXISTS " + pgtx.Qualified(s.schemaName, s.tombstones))
		}
	}
	if drops.Len() == 0 || t.ending.Asks() || !t.connector.Reached() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pgtx.RollbackWait)
	defer cancel()
	conn, err := t.connector.Connect(ctx)
	if err != nil {
		return
	}
	defer conn.Close(ctx)
	_, _ = conn.Exec(ctx, t.config.Begin()+drops.String()+"; "+pgtx.Commit)
}
