package migrate

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// A history may have a view of its active versions. It has all columns of the table. A new column is put to the end of it, which whatever
// uses the view does not mind. For a column of another type or name the view is dropped and made anew, in the transaction that changes the
// table; what depends on it forbids that, and is never dropped.

//go:embed sql/views.sql
var viewsSQL string

// viewComment is the comment by which a view is known again.
func viewComment(schema, name string) string {
	return "Active versions of " + pgtx.Qualified(schema, name) + ", kept by target-postgres"
}

// selectsActive is the definition of the view, but for its name.
func (s Spec) selectsActive() string {
	return fmt.Sprintf("AS\nSELECT *\nFROM %s\nWHERE %s", pgtx.Qualified(s.Schema, s.Name), typemap.Quote(s.versions().Active))
}

func (s Spec) viewName() string { return pgtx.Qualified(s.Schema, s.View) }

// planView finds out whether the view is missing or behind its table. have is the table before the plan, nil for none.
func (m *Migrator) planView(ctx context.Context, conn *pgx.Conn, want Spec, have *pgcatalog.Table, p *Plan) error {
	if want.View == "" {
		return nil
	}
	seen, err := m.LookUp(ctx, conn, want.Schema, want.View)
	if err != nil {
		return err
	}
	if seen != nil && (seen.Kind != "v" || have == nil || seen.Comment != viewComment(want.Schema, want.Name)) {
		return failure.InStream(want.Stream, &failure.Error{
			Kind: failure.KindConfig, Reason: want.viewName() + " is there and is not the view of this stream's active versions",
			Hint: "rename or drop it, or choose another name in history_view",
		})
	}
	switch {
	case seen == nil:
		p.view = []string{
			"CREATE VIEW " + want.viewName() + " " + want.selectsActive(),
			"COMMENT ON VIEW " + want.viewName() + " IS " + pgtx.Literal(viewComment(want.Schema, want.Name)),
		}
		for _, role := range want.Readers {
			p.view = append(p.view, "GRANT SELECT ON "+want.viewName()+" TO "+typemap.Quote(role))
		}
		p.notes = append(p.notes, fmt.Sprintf("created view %s of the active versions", want.viewName()))
	case p.added > 0, p.changesColumns(), !sameColumns(seen.Columns, have.Columns):
		p.view = []string{"CREATE OR REPLACE VIEW " + want.viewName() + " " + want.selectsActive()}
		p.notes = append(p.notes, fmt.Sprintf("made view %s anew", want.viewName()))
	}
	p.anew = seen != nil && (p.changesColumns() || !begins(seen.Columns, have.Columns))
	return nil
}

// changesColumns reports whether the plan gives a column another type or name.
func (p *Plan) changesColumns() bool { return len(p.retyped) > 0 || p.renames }

func sameColumns(a, b []pgcatalog.Column) bool { return len(a) == len(b) && begins(a, b) }

// begins reports whether the columns of a table begin with those of a view.
func begins(view, table []pgcatalog.Column) bool {
	return len(view) <= len(table) && slices.EqualFunc(view, table[:len(view)], func(a, b pgcatalog.Column) bool {
		return a.Name == b.Name && a.TypeName == b.TypeName
	})
}

// madeView is a view that the program made.
type madeView struct {
	name, options, definition string
	// wanted is true for the one that the settings name. One of a former name is kept as it is.
	wanted   bool
	restores []string
	attached string
}

// replaceViews plans, in the transaction that changes the table, that the views of it which the program made are kept: one that cannot
// stay is dropped before and made anew after.
func (m *Migrator) replaceViews(ctx context.Context, conn *pgx.Conn, want Spec, p *Plan) error {
	if !p.anew && len(p.view) == 0 && !p.changesColumns() {
		return nil
	}
	views, err := madeViews(ctx, conn, want)
	if err != nil {
		return err
	}
	first, then := p.view, []string(nil)
	for _, v := range views {
		switch {
		case v.wanted && !p.anew && len(p.view) > 0:
			first = []string{"CREATE OR REPLACE VIEW " + v.name + v.options + " " + want.selectsActive()}
			continue
		case v.wanted && !p.anew, !v.wanted && len(p.retyped) == 0:
			continue
		case v.attached != "":
			return failure.InStream(want.Stream, &failure.Error{
				Kind: failure.KindConfig, Reason: fmt.Sprintf("%s has to be made anew%s, and would lose its %s", v.name, p.because(), v.attached),
				Hint: "drop that, run again, and create it anew",
			})
		}
		makes := "CREATE VIEW " + v.name + v.options + " AS\n" + strings.TrimSuffix(v.definition, ";")
		if v.wanted {
			makes = "CREATE VIEW " + v.name + v.options + " " + want.selectsActive()
			first = nil
		}
		p.before = append([]string{"DROP VIEW " + v.name}, p.before...)
		then = append(append(then, makes), v.restores...)
		p.viewsDropped = append(p.viewsDropped, v.name)
	}
	p.view = slices.Concat(first, then)
	return nil
}

func madeViews(ctx context.Context, conn *pgx.Conn, want Spec) ([]madeView, error) {
	table := pgtx.Qualified(want.Schema, want.Name)
	results, err := pgtx.Script(ctx, conn, []string{pgtx.Fill(viewsSQL, table, want.View, viewComment(want.Schema, want.Name))})
	if err != nil {
		return nil, err
	}
	views := make([]madeView, len(results[0].Rows))
	for i, row := range results[0].Rows {
		views[i] = madeView{name: string(row[0]), wanted: string(row[1]) == "t", options: string(row[2]), definition: string(row[3]), attached: string(row[6])}
		if len(row[4]) > 0 {
			if err := json.Unmarshal(row[4], &views[i].restores); err != nil {
				return nil, fmt.Errorf("read the rights of a view: %w", err)
			}
		}
		views[i].restores = append(views[i].restores, string(row[5]))
	}
	return views, nil
}

// because says which change of the table makes a view be made anew.
func (p *Plan) because() string {
	if len(p.retyped) == 0 {
		return ""
	}
	return fmt.Sprintf(", since column %q becomes %s", p.retyped[0].column, p.retyped[0].to)
}

// held is the error of a view that something depends on.
func (p *Plan) held(err error) error {
	said := failure.ServerError(err)
	e := &failure.Error{
		Kind: failure.KindConfig, Err: failure.Cause(said),
		Reason: fmt.Sprintf("the view %s has to be made anew%s, and something depends on it: %s", strings.Join(p.viewsDropped, ", "), p.because(), failure.OneLine(failure.SafeDetail(said))),
		Hint:   "save its definition (pg_dump --schema-only), drop it, load again, and create it anew",
	}
	if len(p.retyped) > 0 {
		e.Column = p.retyped[0].column
	}
	return e
}

// followView is planView and replaceViews in the transaction that changes the table: the view is as others have left it.
func (m *Migrator) followView(ctx context.Context, conn *pgx.Conn, want Spec, have *pgcatalog.Table, p *Plan) error {
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

// previewViews is replaceViews where nothing is changed.
func (m *Migrator) previewViews(ctx context.Context, conn *pgx.Conn, want Spec, p *Plan) error {
	if _, err := conn.Exec(ctx, m.config.Begin()); err != nil {
		return err
	}
	defer pgtx.Rollback(ctx, conn)
	return m.replaceViews(ctx, conn, want, p)
}

// makeViews runs the last statements of a migration that Citus takes one by one.
func makeViews(ctx context.Context, conn *pgx.Conn, p *Plan) error {
	for _, statement := range p.view {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// readView reads the view again after it was made.
func (m *Migrator) readView(ctx context.Context, conn *pgx.Conn, want Spec, p *Plan) error {
	if want.View == "" || len(p.view) == 0 {
		return nil
	}
	_, err := m.cache.Refresh(ctx, conn, pgcatalog.Query{Schema: want.Schema, Name: want.View, Before: []string{m.config.Begin()}, After: []string{"COMMIT"}})
	return err
}
