package ddl

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// A history may have a view of its active versions. It has all columns of the table. A new column is added at its end,
// which does not concern the users of the view. For a column of another type or name the view is dropped and made
// anew, in the transaction that changes the table; what depends on it forbids that, and is never dropped.

//go:embed sql/views.sql
var viewsSQL string

// planView finds out whether the view is missing or behind its table. have is the table before the plan, nil for none.
func (m *Migrator) planView(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, have *pgcatalog.Table, p *migrate.Plan) error {
	if want.View == "" {
		return nil
	}
	seen, err := m.LookUp(ctx, conn, want.Schema, want.View)
	if err != nil {
		return err
	}
	if seen != nil && (seen.Kind != pgcatalog.View || have == nil || seen.Comment != migrate.ViewComment(want.Schema, want.Name)) {
		return failure.InStream(want.Stream, &failure.Error{
			Blame: failure.Configuration, Reason: want.ViewName() + " exists and is not the view of this stream's active versions",
			Hint: "rename or drop it, or choose another name in history_view",
		})
	}
	switch {
	case seen == nil:
		p.View = []string{
			"CREATE VIEW " + want.ViewName() + " " + want.SelectsActive(),
			"COMMENT ON VIEW " + want.ViewName() + " IS " + pgtx.Literal(migrate.ViewComment(want.Schema, want.Name)),
		}
		for _, role := range want.Readers {
			p.View = append(p.View, "GRANT SELECT ON "+want.ViewName()+" TO "+typemap.Quote(role))
		}
		p.Notes = append(p.Notes, fmt.Sprintf("created view %s of the active versions", want.ViewName()))
	case p.Added > 0, p.ChangesColumns(), !migrate.SameColumns(seen.Columns, have.Columns):
		p.View = []string{"CREATE OR REPLACE VIEW " + want.ViewName() + " " + want.SelectsActive()}
		p.Notes = append(p.Notes, fmt.Sprintf("made view %s anew", want.ViewName()))
	}
	p.Anew = seen != nil && (p.ChangesColumns() || !migrate.Begins(seen.Columns, have.Columns))
	return nil
}

// madeView is a view that the program made.
type madeView struct {
	name, options, definition string
	// wanted is true for the one that the settings name. One of a former name is kept as it is.
	wanted   bool
	restores []string
	attached string
	// columns are what its columns have of their own: the column, and the statement before and after its name.
	columns [][3]string
}

// given are the statements that give a view that was made anew what it had.
func (v madeView) given(p *migrate.Plan) []string {
	given := slices.Clone(v.restores)
	for _, has := range v.columns {
		column := has[0]
		if after := p.Renamed[column]; after != "" && v.wanted {
			column = after
		}
		given = append(given, has[1]+typemap.Quote(column)+has[2])
	}
	return given
}

// replaceViews plans, in the transaction that changes the table, that the views of it which the program made are kept:
// one that cannot stay is dropped before and made anew after.
func (m *Migrator) replaceViews(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, p *migrate.Plan) error {
	if !p.Anew && len(p.View) == 0 && !p.ChangesColumns() {
		return nil
	}
	views, err := madeViews(ctx, conn, want)
	if err != nil {
		return err
	}
	first, then := p.View, []string(nil)
	for _, v := range views {
		switch {
		case v.wanted && !p.Anew && len(p.View) > 0:
			first = []string{"CREATE OR REPLACE VIEW " + v.name + v.options + " " + want.SelectsActive()}
			continue
		case v.wanted && !p.Anew, !v.wanted && len(p.Retyped) == 0:
			continue
		case v.attached != "":
			return failure.InStream(want.Stream, &failure.Error{
				Blame: failure.Configuration, Reason: fmt.Sprintf("%s has to be made anew%s, and would lose its %s", v.name, p.Because(), v.attached),
				Hint: "drop that, run again, and create it anew",
			})
		}
		makes := "CREATE VIEW " + v.name + v.options + " AS\n" + strings.TrimSuffix(v.definition, ";")
		if v.wanted {
			makes = "CREATE VIEW " + v.name + v.options + " " + want.SelectsActive()
			first = nil
		}
		p.Before = append([]string{"DROP VIEW " + v.name}, p.Before...)
		then = append(append(then, makes), v.given(p)...)
		p.ViewsDropped = append(p.ViewsDropped, v.name)
	}
	p.View = slices.Concat(first, then)
	return nil
}

func madeViews(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec) ([]madeView, error) {
	table := pgtx.Qualified(want.Schema, want.Name)
	results, err := pgtx.Script(ctx, conn, []string{pgtx.Fill(viewsSQL, table, want.View, migrate.ViewComment(want.Schema, want.Name))})
	if err != nil {
		return nil, err
	}
	views := make([]madeView, len(results[0].Rows))
	for i, row := range results[0].Rows {
		views[i] = madeView{name: string(row[0]), wanted: string(row[1]) == "t", options: string(row[2]), definition: string(row[3]), attached: string(row[6])}
		for at, into := range map[int]any{4: &views[i].restores, 8: &views[i].columns} {
			if len(row[at]) == 0 {
				continue
			}
			if err := json.Unmarshal(row[at], into); err != nil {
				return nil, fmt.Errorf("read the rights of a view: %w", err)
			}
		}
		views[i].restores = append(views[i].restores, string(row[5]))
		if len(row[7]) > 0 {
			views[i].restores = slices.Insert(views[i].restores, 0, string(row[7]))
		}
	}
	return views, nil
}

// followView is planView and replaceViews in the transaction that changes the table: the view is as others have left
// it.
func (m *Migrator) followView(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, have *pgcatalog.Table, p *migrate.Plan) error {
	if want.View != "" {
		if _, err := m.cache.Refresh(ctx, conn, pgcatalog.Query{Schema: want.Schema, Name: want.View}); err != nil {
			return err
		}
	}
	if err := m.planView(ctx, conn, want, have, p); err != nil {
		return err
	}
	return m.replaceViews(ctx, conn, want, p)
}

// TellViews tells once which views of active versions are left of an earlier setting. It asks the server only in a
// schema of many tables.
func (m *Migrator) TellViews(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec) error {
	table := merge.Name{Schema: want.Schema, Table: want.Name}
	if want.Mode != merge.History || m.viewed[table] {
		return nil
	}
	m.viewed[table] = true
	names, all := m.cache.Commented(want.Schema, migrate.ViewComment(want.Schema, want.Name))
	if !all {
		if _, err := conn.Exec(ctx, m.config.Begin()); err != nil {
			return err
		}
		defer pgtx.Rollback(ctx, conn)
		views, err := madeViews(ctx, conn, want)
		if err != nil {
			return err
		}
		names = nil
		for _, v := range views {
			if !v.wanted {
				names = append(names, v.name)
			}
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == want.ViewName() })
	if len(names) > 0 {
		m.log.Info("views that history_view no longer names are kept: drop those that you do not need", "stream", want.Stream, "views", strings.Join(names, ", "))
	}
	return nil
}

// previewViews is replaceViews where nothing is changed.
func (m *Migrator) previewViews(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, p *migrate.Plan) error {
	if _, err := conn.Exec(ctx, m.config.Begin()); err != nil {
		return err
	}
	defer pgtx.Rollback(ctx, conn)
	return m.replaceViews(ctx, conn, want, p)
}

// makeViews runs the last statements of a migration that Citus takes one by one.
func makeViews(ctx context.Context, conn *pgx.Conn, p *migrate.Plan) error {
	for _, statement := range p.View {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// readView reads the view again after it was made.
func (m *Migrator) readView(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, p *migrate.Plan) error {
	if want.View == "" || len(p.View) == 0 {
		return nil
	}
	_, err := m.read(ctx, conn, pgcatalog.Query{Schema: want.Schema, Name: want.View})
	return err
}
