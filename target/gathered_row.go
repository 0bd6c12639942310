package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// decide says what becomes of a row that the server refuses by itself.
func (g *gathered) decide(ctx context.Context, number int64, refused error, _ bool) (over bool, err error) {
	taken, err := g.withoutValue(ctx, number, refused)
	if err != nil || taken {
		return false, err
	}
	if needsProof(refused) && g.taken == 0 {
		if works, err := g.worksForOthers(ctx, number); err != nil || !works {
			return false, errors.Join(err, g.cause)
		}
	}
	r := gatheredRejection{number: number, err: refused}
	if err := g.describe(ctx, &r); err != nil {
		return false, err
	}
	g.rejections = append(g.rejections, r)
	return false, g.verdict()
}

// verdict is what ends the run, nil if the rows that are refused are rejected and not too many.
func (g *gathered) verdict() error {
	n := len(g.rejections)
	switch {
	case n == 0:
		return nil
	case !g.s.setsAside():
		return g.rejections[0].reason
	case !g.committer.mayReject(g.s, n):
		return tooMany(g.rejections[n-1].reason)
	}
	return nil
}

// worksForOthers reports whether the server takes one of a few other rows.
func (g *gathered) worksForOthers(ctx context.Context, number int64) (bool, error) {
	for i := range min(samples, g.count) {
		other := i * (g.count - 1) / max(1, min(samples, g.count)-1)
		if other == number {
			continue
		}
		err := g.attempt(ctx, func() error { return g.send(ctx, stretches{{other, other + 1}}) })
		if err == nil {
			return true, nil
		} else if refusedBy(err) == nil {
			return false, err
		}
	}
	return false, nil
}

// attempt reports what the server says to do, and leaves the transaction as it was.
func (g *gathered) attempt(ctx context.Context, do func() error) error {
	before := g.done
	defer func() { g.done = before }()
	if _, err := g.conn.Exec(ctx, savepoint); err != nil {
		return err
	}
	err := ofRows(g.s.dbError(g.doing, do()), refusedError{})
	if err != nil && refusedBy(err) == nil {
		return err
	}
	if _, undo := g.conn.Exec(ctx, rollbackTo); undo != nil {
		return undo
	}
	return err
}

// describe finds the line of a row that is refused, and its record.
func (g *gathered) describe(ctx context.Context, r *gatheredRejection) error {
	values, where, err := g.row(ctx, r.number)
	if err != nil {
		return err
	}
	e := &failure.Error{Err: r.err}
	errors.As(r.err, &e)
	about := *e
	about.Kind, about.Stream = failure.KindInput, g.s.name
	refused := &refusedError{err: e.Err}
	about.Err = refused
	if where != nil {
		about.Line, r.at = where.Line(), *where
		refused.where, refused.known = *where, true
	} else {
		about.Reason += " (the record came with an earlier sync)"
	}
	r.reason = &about
	if r.record, err = json.Marshal(values); err != nil {
		r.record = nil
	}
	return nil
}

// row is a row's values as text, without those that the program adds, and where it stood, nil if that was in another input.
func (g *gathered) row(ctx context.Context, number int64) (map[string]string, *batch.Position, error) {
	fields := g.fields
	selected := []string{"NULL::bigint"}
	if g.lines != "" {
		selected[0] = typemap.Quote(g.lines)
	}
	for _, c := range fields {
		selected = append(selected, typemap.Quote(c.Name)+"::pg_catalog.text")
	}
	rows, err := g.conn.Query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s = $1", strings.Join(selected, ", "), g.rows.SQL(), typemap.Quote(g.number)), number)
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
	if line != nil {
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

// withoutValue tries a row of Airbyte's without the one value that is to blame. It reports whether the row is in the transaction.
func (g *gathered) withoutValue(ctx context.Context, number int64, refused error) (bool, error) {
	if !g.s.airbyte {
		return false, nil
	}
	values, _, err := g.row(ctx, number)
	if err != nil {
		return false, err
	}
	var suspects []string
	for _, c := range g.fields {
		if _, has := values[c.Name]; has && !slices.Contains(g.s.key, c.Name) {
			suspects = append(suspects, c.Name)
		}
	}
	slices.SortStableFunc(suspects, func(a, b string) int { return len(values[b]) - len(values[a]) })
	if named := columnOf(refused); slices.Contains(suspects, named) {
		suspects = []string{named}
	}
	blamed, err := withoutOne(suspects, g.blamed, func(columns []string) error {
		try := g.attempt
		if len(columns) == 1 {
			try = g.within
		}
		return try(ctx, func() error {
			if err := g.setNull(ctx, number, columns); err != nil {
				return err
			}
			return g.send(ctx, stretches{{number, number + 1}})
		})
	})
	if blamed != "" {
		g.taken++
		g.blamed = blamed
	}
	return blamed != "", err
}

// setNull sets values of a row to NULL, and says so in _airbyte_meta.
func (g *gathered) setNull(ctx context.Context, number int64, columns []string) error {
	var set, changes []string
	for _, column := range columns {
		set = append(set, typemap.Quote(column)+" = NULL")
		field := column
		if i := slices.Index(g.s.names, column); i >= 0 {
			field = g.s.fields[i].Name
		}
		some := false
		changes = append(changes, strings.ReplaceAll(string(appendChange(nil, field, "NULLED", "DESTINATION_TYPECAST_ERROR", &some)), `""`, `"`))
	}
	meta := typemap.Quote(metaColumn)
	_, err := g.conn.Exec(ctx, fmt.Sprintf("UPDATE %s SET %s, %s = pg_catalog.jsonb_set(%[3]s, '{changes}', coalesce(%[3]s -> 'changes', '[]') || %s::jsonb) WHERE %s = %d",
		g.rows.SQL(), strings.Join(set, ", "), meta, pgtx.Literal("["+strings.Join(changes, ",")+"]"), typemap.Quote(g.number), number))
	return err
}
