package staged

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/systemcolumn"
	"target-postgres/target/systemvalue"
	"target-postgres/typemap"
)

// Decide says what becomes of a row that the server refuses by itself.
func (g *Search) Decide(ctx context.Context, number int64, refused error, _ bool) (over bool, err error) {
	taken, err := g.withoutValue(ctx, number, refused)
	if err != nil || taken {
		return false, err
	}
	if bisect.NeedsProof(refused) && g.Taken == 0 {
		if works, err := g.worksForOthers(ctx, number); err != nil || !works {
			return false, errors.Join(err, g.Cause)
		}
	}
	r := Rejection{number: number, err: refused}
	if err := g.describe(ctx, &r); err != nil {
		return false, err
	}
	g.Rejections = append(g.Rejections, r)
	return false, g.verdict()
}

// verdict is what ends the run, nil if the rows that are refused are rejected and not too many.
func (g *Search) verdict() error {
	n := len(g.Rejections)
	switch {
	case n == 0:
		return nil
	case !g.S.SetsAside():
		return g.Rejections[0].Reason
	}
	return g.MayReject(g.S, n, g.Rejections[n-1].Reason)
}

// worksForOthers reports whether the server takes one of a few other rows.
func (g *Search) worksForOthers(ctx context.Context, number int64) (bool, error) {
	for i := range min(bisect.Samples, g.count) {
		other := i * (g.count - 1) / max(1, min(bisect.Samples, g.count)-1)
		if other == number {
			continue
		}
		err := g.attempt(ctx, func() error { return g.send(ctx, bisect.One(other)) })
		if err == nil {
			return true, nil
		} else if bisect.By(err) == nil {
			return false, err
		}
	}
	return false, nil
}

// attempt reports what the server says to do, and leaves the transaction as it was.
func (g *Search) attempt(ctx context.Context, do func() error) error {
	before := g.Done
	defer func() { g.Done = before }()
	if err := g.save(ctx); err != nil {
		return err
	}
	err := bisect.OfRows(g.S.DBError(g.Doing, do()), bisect.RefusedError{})
	if err != nil && bisect.By(err) == nil {
		return err
	}
	if _, undo := g.Conn.Exec(ctx, bisect.RollbackTo); undo != nil {
		return undo
	}
	return err
}

// describe finds the line of a row that is refused, and its record.
func (g *Search) describe(ctx context.Context, r *Rejection) error {
	values, where, err := g.row(ctx, r.number)
	if err != nil {
		return err
	}
	e := &failure.Error{Err: r.err}
	errors.As(r.err, &e)
	about := *e
	about.Blame, about.Stream = failure.Row, g.S.Name
	refused := &bisect.RefusedError{Err: e.Err}
	about.Err = refused
	if where != nil {
		about.Line, r.At = where.Line(), *where
		refused.Where, refused.Known = *where, true
	} else {
		about.Reason += " (the record came with an earlier sync)"
	}
	r.Reason = &about
	if r.Record, err = json.Marshal(values); err != nil {
		r.Record = nil
	}
	return nil
}

// row is a row's values as text, without those that the program adds, and where it stood, nil if that was in another
// input.
func (g *Search) row(ctx context.Context, number int64) (map[string]string, *batch.Position, error) {
	fields := g.Fields
	selected := []string{"NULL::bigint"}
	if g.Lines != "" {
		selected[0] = typemap.Quote(g.Lines)
	}
	for _, c := range fields {
		selected = append(selected, typemap.Quote(c.Name)+"::pg_catalog.text")
	}
	rows, err := g.Conn.Query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s = $1", strings.Join(selected, ", "), g.Rows.SQL(), typemap.Quote(g.number)), number)
	if err != nil {
		return nil, nil, err
	}
	var where *batch.Position
	texts := make([]*string, len(fields))
	var line *int64
	into := []any{&line}
	for i := range texts {
		into = append(into, &texts[i])
	}
	if _, err := pgx.ForEachRow(rows, into, func() error { return nil }); err != nil {
		return nil, nil, err
	}
	if line != nil && *line >= 0 { // else it is that of an earlier sync
		at := batch.Position(*line)
		where = &at
	}
	values := map[string]string{}
	for i, text := range texts {
		if text != nil {
			values[fields[i].Name] = *text
		}
	}
	return values, where, nil
}

// withoutValue tries a row of Airbyte's without the one value that is to blame. It reports whether the row is in the
// transaction.
func (g *Search) withoutValue(ctx context.Context, number int64, refused error) (bool, error) {
	if !g.S.Airbyte {
		return false, nil
	}
	values, _, err := g.row(ctx, number)
	if err != nil {
		return false, err
	}
	var suspects []string
	for _, c := range g.Fields {
		if _, has := values[c.Name]; has && !slices.Contains(g.S.Key, c.Name) {
			suspects = append(suspects, c.Name)
		}
	}
	slices.SortStableFunc(suspects, func(a, b string) int { return len(values[b]) - len(values[a]) })
	if named := bisect.ColumnOf(refused); slices.Contains(suspects, named) {
		suspects = []string{named}
	} else {
		// Without a value that orders the records of a key this one would be taken for an old one and left out.
		suspects = slices.DeleteFunc(suspects, func(c string) bool { return slices.Contains(g.Order, c) })
	}
	blamed, err := bisect.WithoutOne(suspects, g.blamed, func(columns []string) error {
		try := g.attempt
		if len(columns) == 1 {
			try = g.Within
		}
		return try(ctx, func() error {
			if err := g.setNull(ctx, number, columns); err != nil {
				return err
			}
			return g.send(ctx, bisect.One(number))
		})
	})
	if blamed != "" {
		g.Taken++
		g.blamed = blamed
	}
	return blamed != "", err
}

// setNull sets values of a row to NULL, and says so in _airbyte_meta.
func (g *Search) setNull(ctx context.Context, number int64, columns []string) error {
	var set, changes []string
	for _, column := range columns {
		set = append(set, typemap.Quote(column)+" = NULL")
		field := column
		if i := slices.Index(g.S.Names, column); i >= 0 {
			field = g.S.Fields[i].Name
		}
		some := false
		changes = append(changes, strings.ReplaceAll(string(systemvalue.AppendChange(nil, field, "NULLED", "DESTINATION_TYPECAST_ERROR", &some)), `""`, `"`))
	}
	meta := typemap.Quote(systemcolumn.MetaColumn)
	_, err := g.Conn.Exec(ctx, fmt.Sprintf("UPDATE %s SET %s, %s = pg_catalog.jsonb_set(%[3]s, '{changes}', coalesce(%[3]s -> 'changes', '[]') || %s::jsonb) WHERE %s = %d",
		g.Rows.SQL(), strings.Join(set, ", "), meta, pgtx.Literal("["+strings.Join(changes, ",")+"]"), typemap.Quote(g.number), number))
	return err
}
