package index

import (
	"context"
	_ "embed"
	"errors"
	"slices"
	"strconv"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

//go:embed sql/under_way.sql
var underWaySQL string

// ErrUnderWay is the error of an index that another session is making.
var ErrUnderWay = errors.New("another session is making an index of the table")

// Writable reports whether PostgreSQL can make an index of the table while others write it.
func Writable(have *pgcatalog.Table) bool {
	return have.Kind == pgcatalog.OrdinaryTable && !have.Chunked
}

// Make makes an index of a table with rows, after the rest of a run. Others go on writing the table where PostgreSQL
// allows that; blocks reports whether they had to wait. begin opens a transaction. It replaces an index that an earlier
// run could not finish, and leaves nothing of its own where it fails: an invalid index would go on refusing rows.
func Make(ctx context.Context, conn *pgx.Conn, begin string, have *pgcatalog.Table, i Index) (blocks bool, err error) {
	table := merge.Name{Schema: have.Schema, Table: have.Name}
	for _, left := range have.Indexes {
		if left.Valid || !i.Is(left.Name) {
			continue
		}
		if err := notUnderWay(ctx, conn, begin, have, true); err != nil {
			return false, err
		}
		if err := drop(ctx, conn, begin, have, left.Name); err != nil {
			return false, err
		}
	}
	// A session that waits for the lock to make one keeps the other from finishing its own.
	if err := notUnderWay(ctx, conn, begin, have, false); err != nil {
		return false, err
	}
	if !Writable(have) {
		return true, inTransaction(ctx, conn, begin, i.On(table, false))
	}
	err = alone(ctx, conn, i.On(table, true))
	if impossible(err) {
		return true, inTransaction(ctx, conn, begin, i.On(table, false))
	}
	if code := failure.SQLState(err); code != "" && !Raced(err) && !conn.IsClosed() {
		err = errors.Join(err, drop(ctx, conn, begin, have, i.Name))
	}
	return false, err
}

// Unblock drops what a killed run left of indexes. An invalid one is written to by every row and, if it is unique,
// refuses some; and the table may have rows for which no later run can make it valid. One that another session is
// making stays.
func Unblock(ctx context.Context, conn *pgx.Conn, begin string, have *pgcatalog.Table) (dropped []string, _ error) {
	for _, left := range have.Indexes {
		if left.Valid || !Declared(left.Name) {
			continue
		}
		if err := notUnderWay(ctx, conn, begin, have, true); err != nil {
			if errors.Is(err, ErrUnderWay) {
				return dropped, nil
			}
			return dropped, err
		}
		if err := drop(ctx, conn, begin, have, left.Name); err != nil {
			return dropped, err
		}
		dropped = append(dropped, left.Name)
	}
	return dropped, nil
}

// impossible reports whether an index cannot be made outside a transaction here: the table does not allow it, the role
// that logged in is not the one of the setting role, or a pooler has put the statement into a transaction.
func impossible(err error) bool {
	return slices.Contains([]string{pgerrcode.FeatureNotSupported, pgerrcode.InsufficientPrivilege, pgerrcode.ActiveSQLTransaction}, failure.SQLState(err))
}

// Raced reports whether an index may not have been made because another session makes it, too, or ends what it has left
// of one.
func Raced(err error) bool {
	return err != nil && failure.ChangedMeanwhile(failure.ServerError(err)) || slices.Contains([]string{pgerrcode.DuplicateTable, pgerrcode.DeadlockDetected}, failure.SQLState(err))
}

// notUnderWay returns ErrUnderWay if a session is making an index of the table: what is invalid may become valid.
// unseen has a session count of which the role may not see for which table it makes one.
func notUnderWay(ctx context.Context, conn *pgx.Conn, begin string, have *pgcatalog.Table, unseen bool) error {
	others, err := pgtx.Ask(ctx, conn, begin, pgtx.Fill(underWaySQL, have.String(), strconv.FormatBool(unseen)))
	if err == nil && len(others.Rows) > 0 {
		return ErrUnderWay
	}
	return err
}

// Drop is the statement that drops an index of a table if it is there, while others write that where PostgreSQL can do
// so.
func Drop(have *pgcatalog.Table, name string) string { return dropping(have, name, Writable(have)) }

// dropping is that statement, for a table that others may write meanwhile or not.
func dropping(have *pgcatalog.Table, name string, writable bool) string {
	how := "DROP INDEX "
	if writable {
		how += "CONCURRENTLY "
	}
	return how + "IF EXISTS " + pgtx.Qualified(have.Schema, name)
}

// drop carries that out.
func drop(ctx context.Context, conn *pgx.Conn, begin string, have *pgcatalog.Table, name string) error {
	if Writable(have) {
		if err := alone(ctx, conn, dropping(have, name, true)); !impossible(err) {
			return err
		}
	}
	return inTransaction(ctx, conn, begin, dropping(have, name, false))
}

// alone runs a statement that takes no transaction around it.
func alone(ctx context.Context, conn *pgx.Conn, statement string) error {
	_, err := pgtx.Script(ctx, conn, []string{statement})
	return err
}

// inTransaction runs a statement of the user's in a transaction, with the search_path that the role has in any other
// client.
func inTransaction(ctx context.Context, conn *pgx.Conn, begin, statement string) error {
	return pgtx.Run(ctx, conn, begin, func() error {
		for _, each := range []string{merge.RolePath, statement} {
			if _, err := conn.Exec(ctx, each); err != nil {
				return err
			}
		}
		return nil
	})
}
