package foresee

import (
	"context"
	_ "embed"
	"errors"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
)

// conditionSQL finds the condition of a CHECK, requiredSQL tells whether a column takes no NULL.
//
//go:embed sql/condition.sql
var conditionSQL string

//go:embed sql/required.sql
var requiredSQL string

// target is the table that rows go to.
type target struct {
	of    *revision.Revision
	table merge.Name
	// columns are those of the rows.
	columns, key []merge.Column
	// asIs is what [AsIs] says of the rows.
	asIs bool
}

// AsIs reports whether the last row of each key comes to be one of the table's as it is, unless the table has it
// already: none is a tombstone or older than the table's, and no trigger or rule changes it.
func AsIs(of *revision.Revision, job merge.Job) bool {
	asIs := !job.Has.Patched && !job.Has.Removed && !job.Has.Unavailable
	return asIs && !of.UserCode && !of.Ruled && !of.RowSecurity && job.Place == merge.Here &&
		len(job.Order) == 0 && !job.InsertLate && !job.IgnoreConflicts && !job.IgnoreMissing
}

// question is what the server is asked about a row. It refuses the row if the condition is false for the values of some
// columns, or if it does not convert them: then there is no condition.
type question struct {
	columns   []int
	condition string
	code      string
	// nulls is true where a NULL is asked about, too, null where only a NULL is refused: that need not be asked.
	nulls, null bool
	// table is true where only the table refuses rows: those that come to it.
	table bool
}

// aboutValue asks whether the server refuses a value of a column because of that value, nil if no question tells.
func (t target) aboutValue(ctx context.Context, conn *pgx.Conn, column string, cause error) (*question, error) {
	at, said := t.columnAt(column), failure.Said(cause)
	if at < 0 || said == nil || failure.Raised(said) {
		return nil, nil
	}
	q := &question{columns: []int{at}, code: failure.SQLState(cause)}
	switch {
	case q.code == pgerrcode.CheckViolation && said.DataTypeName == "":
		condition, columns, _, err := t.check(ctx, conn, said.ConstraintName)
		if q.condition = condition; err != nil || condition == "" || !slices.Equal(columns, q.columns) {
			return nil, err
		}
	case bisect.ColumnOf(cause) != column:
		return nil, nil
	}
	return q, nil
}

// aboutRow asks whether the server refuses a row for the reason for which it has refused another one, nil if no
// question tells.
func (t target) aboutRow(ctx context.Context, conn *pgx.Conn, cause error) (*question, error) {
	said := failure.Said(cause)
	if said == nil || failure.Raised(said) {
		return nil, nil
	}
	at, ofType := t.columnAt(bisect.ColumnOf(cause)), said.DataTypeName != ""
	q := &question{columns: []int{at}, code: failure.SQLState(cause)}
	switch {
	case q.code == pgerrcode.CheckViolation && !ofType:
		condition, columns, valid, err := t.check(ctx, conn, said.ConstraintName)
		if err != nil || condition == "" || !valid || !t.asIs {
			return nil, err
		}
		q.condition, q.columns, q.nulls, q.table = condition, columns, true, true
	case at < 0:
		return nil, nil
	case q.code == pgerrcode.NotNullViolation && !ofType:
		if q.null, q.table = true, true; !t.asIs || t.columns[at].Identity {
			return nil, nil
		}
		var required bool
		if err := conn.QueryRow(ctx, pgtx.Fill(requiredSQL, t.table.SQL(), t.columns[at].Name)).Scan(&required); err != nil || !required {
			return nil, failure.FromServer(t.of.Name, "look at a column", err)
		}
	default:
		q.nulls = ofType
	}
	if t.of.Airbyte && slices.ContainsFunc(q.columns, func(at int) bool { return !t.isKey(t.columns[at].Name) }) {
		return nil, nil // the row may be taken without one value
	}
	return q, nil
}

// check is the condition of a CHECK of the table, the columns that it is about, and whether all rows of the table meet
// it. The condition is "" where a row's own values do not tell: the server computes some of them, or a trigger may.
func (t target) check(ctx context.Context, conn *pgx.Conn, name string) (condition string, columns []int, valid bool, _ error) {
	var names []string
	err := conn.QueryRow(ctx, pgtx.Fill(conditionSQL, t.table.SQL(), name)).Scan(&condition, &names, &valid)
	if errors.Is(err, pgx.ErrNoRows) || t.of.UserCode {
		return "", nil, false, nil
	}
	for _, column := range names {
		at := t.columnAt(column)
		if at < 0 {
			return "", nil, false, nil
		}
		columns = append(columns, at)
	}
	return condition, columns, valid, failure.FromServer(t.of.Name, "read a CHECK", err)
}

func (t target) isKey(name string) bool {
	return slices.ContainsFunc(t.key, func(c merge.Column) bool { return c.Name == name })
}

// columnAt is where a column stands among those of the rows, -1 if it is none of them.
func (t target) columnAt(name string) int {
	return slices.IndexFunc(t.columns, func(c merge.Column) bool { return c.Name == name })
}
