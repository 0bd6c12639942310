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
	if err := g.reject(ctx, []int64{number}, func(int64) error { return refused }); err != nil {
		return false, err
	}
	if err := g.verdict(); err != nil || g.foresight == nil {
		return false, err
	}
	return false, g.foresight.Rejected(ctx, number, refused)
}

// room returns what the server says to the first of some rows that cannot be rejected beside those that are.
func (g *Search) room(known []int64) error {
	for i, number := range known {
		said := g.foresight.Said(number)
		reason, ok := errors.AsType[*failure.Error](said)
		if !ok || g.MayReject(g.S, len(g.Rejections)+i+1, reason) != nil {
			return said
		}
	}
	return nil
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

// describedOnce is how many rows are described together.
const describedOnce = 500

// reject sets rows aside for what the server said to each.
func (g *Search) reject(ctx context.Context, numbers []int64, said func(number int64) error) error {
	for some := range slices.Chunk(numbers, describedOnce) {
		err := g.rows(ctx, some, func(number int64, values map[string]string, where *batch.Position) {
			g.Rejections = append(g.Rejections, g.rejection(number, values, where, said(number)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// rejection is a row that is refused, with its line and its record.
func (g *Search) rejection(number int64, values map[string]string, where *batch.Position, said error) Rejection {
	r := Rejection{number: number, err: said}
	e := &failure.Error{Err: said}
	errors.As(said, &e)
	about := *e
	about.Blame, about.Stream = failure.Row, g.S.Name
	refused := &bisect.RefusedError{Err: e.Err}
	about.Err = refused
	if where != nil {
		about.Line, about.Record, r.At = where.Line(), where.Record(), *where
		refused.Where, refused.Known = *where, true
	} else {
		about.Reason += " (the record came with an earlier sync)"
	}
	r.Reason = &about
	record, err := json.Marshal(values)
	if err == nil {
		r.Record = record
	}
	return r
}

// row is a row's values as text, without those that the program adds.
func (g *Search) row(ctx context.Context, number int64) (values map[string]string, err error) {
	err = g.rows(ctx, []int64{number}, func(_ int64, found map[string]string, _ *batch.Position) { values = found })
	return values, err
}

// rows reads rows in their order: their values as text, without those that the program adds, and where each stood, nil
// if that was in another input.
func (g *Search) rows(ctx context.Context, numbers []int64, each func(number int64, values map[string]string, where *batch.Position)) error {
	number := typemap.Quote(g.number)
	selected := []string{number, "NULL::bigint"}
	if g.Lines != "" {
		selected[1] = typemap.Quote(g.Lines)
	}
	for _, c := range g.Fields {
		selected = append(selected, typemap.Quote(c.Name)+"::pg_catalog.text")
	}
	found, err := g.Conn.Query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s = ANY ($1) ORDER BY 1", strings.Join(selected, ", "), g.Rows.SQL(), number), numbers)
	if err != nil {
		return err
	}
	texts := make([]*string, len(g.Fields))
	var at int64
	var line *int64
	into := []any{&at, &line}
	for i := range texts {
		into = append(into, &texts[i])
	}
	_, err = pgx.ForEachRow(found, into, func() error {
		var where *batch.Position
		if line != nil && *line >= 0 { // else it is that of an earlier sync
			stood := batch.Position(*line)
			where = &stood
		}
		values := map[string]string{}
		for i, text := range texts {
			if text != nil {
				values[g.Fields[i].Name] = *text
			}
		}
		each(at, values, where)
		return nil
	})
	return err
}

// withoutValue tries a row of Airbyte's without the one value that is to blame. It reports whether the row is in the
// transaction.
func (g *Search) withoutValue(ctx context.Context, number int64, refused error) (bool, error) {
	if !g.S.Airbyte {
		return false, nil
	}
	values, err := g.row(ctx, number)
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
