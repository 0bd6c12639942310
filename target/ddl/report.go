package ddl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Report tells what a plan did, or would do in a dry run.
func (m *Migrator) Report(want migrate.TableSpec, p *migrate.Plan) error {
	if m.dryRun != nil {
		return m.show(want, p)
	}
	m.note(want, p)
	return nil
}

// preview shows what a table needs, and changes nothing.
func (m *Migrator) preview(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, policy config.MigrationPolicy) error {
	have, err := m.LookUp(ctx, conn, want.Schema, want.Name)
	if err != nil {
		return err
	}
	p, err := migrate.Diff(have, want, policy)
	if err != nil {
		return failure.InStream(want.Stream, err)
	}
	p.Lacks(have, want)
	if err := m.planView(ctx, conn, want, have, p); err != nil {
		return err
	}
	if err := m.previewViews(ctx, conn, want, p); err != nil {
		return err
	}
	return m.show(want, p)
}

// show prints a plan instead of carrying it out.
func (m *Migrator) show(want migrate.TableSpec, p *migrate.Plan) error {
	var statements []string
	for _, u := range p.Unkey {
		p.NoteDrop(u)
		statements = append(statements, u.Statement)
	}
	statements = append(statements, p.Statements(pgtx.Qualified(want.Schema, want.Name))...)
	statements = append(statements, p.Leave...)
	if len(p.Rekey) > 0 {
		statements = append(statements, p.Rekey[0])
	}
	if p.AfterCreate != "" {
		statements = append(statements, strings.TrimRight(p.AfterCreate, "; \n\t"))
	}
	statements = slices.Concat(statements, p.Indexes, p.Partitions, p.View)
	if len(statements) > 0 && !m.cache.There[want.Schema] && !m.config.SkipSchemaCreation {
		statements = append([]string{"CREATE SCHEMA IF NOT EXISTS " + typemap.Quote(want.Schema)}, statements...)
	}
	for _, note := range slices.Concat(p.Notes, p.Warnings) {
		statements = append([]string{"-- " + strings.ReplaceAll(note, "\n", " ")}, statements...)
	}
	for _, statement := range statements {
		end := ";"
		if strings.HasPrefix(statement, "--") {
			end = ""
		}
		if _, err := fmt.Fprintln(m.dryRun, statement+end); err != nil {
			return err
		}
	}
	return nil
}

// note logs what a plan did, one line each.
func (m *Migrator) note(want migrate.TableSpec, p *migrate.Plan) {
	for _, warning := range p.Warnings {
		m.log.Warn(warning, "stream", want.Stream)
	}
	for _, note := range p.Notes {
		m.log.Info(note, "stream", want.Stream)
		m.changes = append(m.changes, Change{Stream: want.Stream, Change: note})
	}
	if p.Keyless != "" && want.Replaced {
		m.log.Info("no unique index over the key: the rows forbid one until they are replaced", "stream", want.Stream, "because", p.Keyless)
	} else if p.Keyless != "" {
		m.log.Warn("no unique index over the key: merging without one, which is slower", "stream", want.Stream, "because", p.Keyless)
	}
	p.Warnings, p.Notes, p.Keyless = nil, nil, ""
}
