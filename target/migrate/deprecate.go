package migrate

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// today is the date in the comment of a column that is deprecated now.
func today() string { return time.Now().UTC().Format(time.DateOnly) }

// A field that a stream no longer has keeps its column, with a mark in the column's comment. Taps may alternate between two
// SCHEMAs of a stream, so that the mark is set at the end of the run, for the fields that none of them had.

// deprecations marks the columns of a table whose fields no SCHEMA of the run had.
func deprecations(have *pgcatalog.Table, brought map[string]bool) *Plan {
	p := &Plan{}
	for _, c := range have.Columns {
		comment, marked := withoutDeprecation(c.Comment)
		if marked || !mayGo(c) || brought[c.Name] {
			continue
		}
		if comment != "" {
			comment += "\n"
		}
		p.after = append(p.after, commentOn(have.String(), c.Name, comment+"deprecated since "+today()))
		p.notes = append(p.notes, fmt.Sprintf("deprecated column %q of %s: its field is gone, its data stays", c.Name, have))
	}
	return p
}

// Deprecate marks the columns of a table that no SCHEMA of the run had a field for. It returns nil where there is nothing to mark, or
// where the role may not. What it returns is to be told by Report, once that is done.
func (m *Migrator) Deprecate(ctx context.Context, conn *pgx.Conn, want Spec) (*Plan, error) {
	have, err := m.LookUp(ctx, conn, want.Schema, want.Name)
	if err != nil || have == nil || !have.Owned {
		return nil, err
	}
	p := deprecations(have, want.Brought)
	if p.empty() {
		return nil, nil
	}
	if m.dryRun != nil {
		return p, nil
	}
	if _, err := m.commitTable(ctx, conn, want, append(m.locked(want), p.after...), false); err != nil {
		pgtx.Rollback(ctx, conn)
		m.cache.Forget(want.Schema)
		return nil, err
	}
	return p, nil
}

// mayGo reports whether a column may be that of a field. One with a default, an identity or an expression has its values from
// the server: it is the user's own and was never a field.
func mayGo(c pgcatalog.Column) bool {
	return !c.Generated && c.Identity == "" && !c.Default && !reserved(c.Name) && !ofVersion(c.Comment)
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
