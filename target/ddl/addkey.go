package ddl

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
	"target-postgres/target/sqlstate"
	"target-postgres/typemap"
)

// tryKey gives the table the key, by the first statement that works. When the rows stand in the way that is a warning.
func (m *Migrator) tryKey(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, p *migrate.Plan) (err error) {
	for _, statement := range p.Rekey {
		if err = m.attempt(ctx, conn, statement); err == nil {
			p.Notes = append(p.Notes, p.RekeyNote)
			if want.Mode == merge.History {
				return nil // the index says whose it is
			}
			return m.markKey(ctx, conn, pgtx.Qualified(want.Schema, want.Name))
		}
		// Rows without a key, or a primary key that stays, leave room for a unique constraint.
		if code := failure.SQLState(err); code != pgerrcode.NotNullViolation && code != pgerrcode.InvalidTableDefinition {
			break
		}
	}
	if err == nil {
		return nil
	}
	code := failure.SQLState(err)
	switch code {
	case pgerrcode.UniqueViolation, pgerrcode.NotNullViolation, pgerrcode.InvalidTableDefinition:
	case pgerrcode.InsufficientPrivilege, pgerrcode.FeatureNotSupported, pgerrcode.DuplicateTable, sqlstate.KeyLacksDimension:
	default:
		return err
	}
	repeated, null, countErr := countObstacles(ctx, conn, want)
	if countErr != nil {
		return countErr
	}
	p.Keyless = fmt.Sprintf("%d keys occur more than once and %d rows have no key", repeated, null)
	switch code {
	case pgerrcode.InsufficientPrivilege, pgerrcode.FeatureNotSupported, pgerrcode.DuplicateTable, sqlstate.KeyLacksDimension:
		p.Keyless = failure.SafeMessage(failure.ServerError(err))
	}
	return nil
}

// countObstacles counts what stands in the way of a key.
func countObstacles(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec) (repeated, null int64, err error) {
	isNull := make([]string, len(want.Key))
	for i, name := range want.Key {
		isNull[i] = typemap.Quote(name) + " IS NULL"
	}
	query := strings.NewReplacer("{table}", pgtx.Qualified(want.Schema, want.Name), "{key}", pgtx.QuoteAll(want.Key), "{null}", strings.Join(isNull, " OR ")).
		Replace(obstaclesSQL)
	err = conn.QueryRow(ctx, query).Scan(&repeated, &null)
	return repeated, null, err
}

// attempt runs a statement in a savepoint, so that the transaction goes on when it fails.
func (m *Migrator) attempt(ctx context.Context, conn *pgx.Conn, statement string) error {
	for _, each := range []string{"SAVEPOINT attempt", statement, "RELEASE SAVEPOINT attempt"} {
		// One message each: Citus sends the whole text of a message to its workers, which take one statement.
		if _, err := conn.Exec(ctx, each); err != nil {
			if failure.SQLState(err) != "" {
				if _, failed := conn.Exec(ctx, "ROLLBACK TO SAVEPOINT attempt"); failed != nil {
					return failed
				}
			}
			return err
		}
	}
	return nil
}

//go:embed sql/mark.sql
var markSQL string

// markKey notes in the database that the program made the newest constraint of a table. The mark is worth no failure.
func (m *Migrator) markKey(ctx context.Context, conn *pgx.Conn, table string) error {
	var statement string
	err := conn.QueryRow(ctx, pgtx.Fill(markSQL, table, migrate.MadeKey)).Scan(&statement)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = m.attempt(ctx, conn, statement)
	}
	if failure.SQLState(err) != "" {
		return nil
	}
	return err
}

//go:embed sql/obstacles.sql
var obstaclesSQL string
