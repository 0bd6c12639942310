package target

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// today is the date in the comment of a column that is deprecated now.
func today() string { return time.Now().UTC().Format(time.DateOnly) }

// A field that a stream no longer has keeps its column, with a mark in the column's comment. Taps may alternate between two
// SCHEMAs of a stream, so that the mark is set at the end of the run, for the fields that none of them had.

// deprecations marks the columns of a table whose fields no SCHEMA of the run had.
func deprecations(have *pgcatalog.Table, brought map[string]bool) *migration {
	m := &migration{}
	for _, c := range have.Columns {
		comment, marked := withoutDeprecation(c.Comment)
		if marked || !mayGo(c) || brought[c.Name] {
			continue
		}
		if comment != "" {
			comment += "\n"
		}
		m.after = append(m.after, commentOn(have.String(), c.Name, comment+"deprecated since "+today()))
		m.notes = append(m.notes, fmt.Sprintf("deprecated column %q of %s: its field is gone, its data stays", c.Name, have))
	}
	return m
}

// deprecate settles at the end of a run which fields of its streams are gone. A role that does not own the table cannot set
// the mark. A mark that cannot be set is worth a warning.
func (t *Target) deprecate() error {
	if t.config.MigrationPolicy.MissingFields != config.DeprecateMissingFields {
		return nil
	}
	for _, s := range t.order {
		if s.brought == nil || (s.skip && t.dryRun == nil) {
			continue
		}
		if _, failed := t.failures.of(s.id); failed {
			continue // the SCHEMAs that came after the failure were not read
		}
		var m *migration
		err := t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
			var err error
			m, err = t.deprecateIn(ctx, conn, s)
			if failure.SQLState(err) == "" || failure.Transient(failure.FromServer(s.name, "", err)) {
				return s.dbError("mark deprecated columns", err)
			}
			t.log.Warn("deprecated columns could not be marked", "stream", s.name, "because", failure.SafeMessage(failure.ServerError(err)))
			return nil
		})
		if err != nil {
			return err
		}
		if m != nil && t.dryRun != nil {
			err = t.show(s, m)
		} else if m != nil {
			t.note(s, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *Target) deprecateIn(ctx context.Context, conn *pgx.Conn, s *stream) (*migration, error) {
	want := s.wish(t.config)
	have, err := t.lookUp(ctx, conn, want)
	if err != nil || have == nil || !have.Owned {
		return nil, err
	}
	m := deprecations(have, s.brought)
	if m.empty() || t.dryRun != nil {
		return m, nil
	}
	if _, err := t.commitTable(ctx, conn, want, append(t.locked(want), m.after...), false); err != nil {
		pgtx.Rollback(ctx, conn)
		t.catalog.Forget(want.schema)
		return nil, err
	}
	return m, nil
}

// mayGo reports whether a column may be that of a field. One with a default, an identity or an expression has its values from
// the server: it is the user's own and was never a field.
func mayGo(c pgcatalog.Column) bool {
	return !c.Generated && c.Identity == "" && !c.Default && !reserved(c.Name)
}

// reserved says whether a column is one of ours or of another loader, never a field that went missing.
func reserved(name string) bool {
	return strings.HasPrefix(name, "_singular_") || strings.HasPrefix(name, "_sdc_") || strings.HasPrefix(name, "_airbyte_")
}

var deprecation = regexp.MustCompile(`\n?deprecated since \d{4}-\d{2}-\d{2}$`)

// noLongerDeprecated ends the note of a column whose field returned.
const noLongerDeprecated = "is back and no longer deprecated"

// withoutDeprecation returns a comment without the mark of a deprecated column, and whether it was there.
func withoutDeprecation(comment string) (string, bool) {
	at := deprecation.FindStringIndex(comment)
	if at == nil {
		return comment, false
	}
	return comment[:at[0]], true
}
