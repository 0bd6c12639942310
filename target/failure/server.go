package failure

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/connect"
	"target-postgres/typemap"
)

// FromServer turns what the server or the connection said into an Error, without the parts of the server's message that
// may hold a row's values. It returns nil for nil.
func FromServer(stream, doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	if failed, ok := errors.AsType[*connect.Error](err); ok {
		return unconnected(stream, failed)
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return connectionError(stream, doing, err)
	}
	if doing != "" {
		doing += ": "
	}
	e := &Error{Blame: ofServer(pg).blame, Stream: stream, Column: trusted(pg).ColumnName, Reason: doing + SafeMessage(pg), Err: Cause(pg)}
	e.Hint = hintFor(pg)
	if e.Denied = DenialOf(pg); e.Denied != nil {
		e.Hint = e.Denied.Unasked("")
	}
	return e
}

// InStream adds the stream to an Error that names none.
func InStream(stream string, err error) error {
	if e, ok := err.(*Error); ok && e.Stream == "" { //nolint:errorlint // made a moment ago, never wrapped
		e.Stream = stream
	}
	return err
}

// unconnected is a connection that did not come about: package connect has said why.
func unconnected(stream string, failed *connect.Error) error {
	return &Error{Blame: blameOfConnecting(failed), Stream: stream, Err: failed}
}

// sqlStateError is the cause of an Error that came from the server: its five-character code.
type sqlStateError struct {
	code string
	// said is all that the server said. It may hold values of rows and is never printed.
	said *pgconn.PgError
}

// Error prints the code the way psql does with VERBOSITY sqlstate.
func (s *sqlStateError) Error() string { return "SQLSTATE " + s.code }

// Cause is the Err of an Error whose message of the server is known.
func Cause(pg *pgconn.PgError) error { return &sqlStateError{pg.Code, pg} }

// WithCode is the Err of an Error with a SQLSTATE of which no message is known.
func WithCode(code string) error { return &sqlStateError{code: code} }

// Said returns what the server said, nil when the error came from elsewhere.
func Said(err error) *pgconn.PgError {
	if state, ok := errors.AsType[*sqlStateError](err); ok {
		return state.said
	}
	return nil
}

// SQLState returns the SQLSTATE behind an error, "" when it came from elsewhere. It is RaiseException for every
// code that a function has raised by RAISE.
func SQLState(err error) string {
	if state, ok := errors.AsType[*sqlStateError](err); ok {
		if state.said != nil {
			return codeOf(state.said)
		}
		return state.code
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return codeOf(pg)
	}
	return ""
}

// codeOf returns the SQLSTATE to go by. A function's RAISE may name any: a trigger that raises a deadlock or a full
// disk has met none, and trying again would not help.
func codeOf(pg *pgconn.PgError) string {
	if pg.Routine == raiseRoutine {
		return pgerrcode.RaiseException
	}
	return cmp.Or(ofWorker(pg), pg.Code)
}

// raiseRoutine is the routine of the server that carries out RAISE. An exception that is raised again keeps the routine
// it came from.
const raiseRoutine = "exec_stmt_raise"

// ServerError returns what the server said, or an error with no SQLSTATE that repeats what happened instead.
func ServerError(err error) *pgconn.PgError {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg
	}
	return &pgconn.PgError{Message: err.Error()}
}

// ChangedMeanwhile reports whether a statement failed because another session had changed the same row of the catalog,
// as a GRANT on the table does. The code is that of a fault of the server, and the message is translated: the routine
// tells it.
func ChangedMeanwhile(pg *pgconn.PgError) bool {
	return pg.Code == pgerrcode.InternalError && (pg.Routine == "simple_heap_update" || pg.Routine == "simple_heap_delete")
}

// conditionOf names the data exceptions in words.
func conditionOf(code string) string {
	switch code {
	case pgerrcode.StringDataRightTruncationDataException:
		return "a text is longer than the column allows"
	case pgerrcode.NumericValueOutOfRange:
		return "a number is out of the column's range"
	case pgerrcode.InvalidDatetimeFormat, pgerrcode.DatetimeFieldOverflow:
		return "a date or time is not one the column can hold"
	case pgerrcode.NullValueNotAllowedDataException:
		return "a value is NULL where none may be"
	case pgerrcode.CharacterNotInRepertoire, pgerrcode.UntranslatableCharacter:
		return "a text has a character that the database's encoding lacks"
	case pgerrcode.InvalidTextRepresentation:
		return "a value is not valid for the column's type"
	case pgerrcode.DivisionByZero:
		return "an expression of the table divides by zero"
	case pgerrcode.BadCopyFileFormat:
		return "the rows do not fit the table's columns"
	default:
		return "a value does not fit the column"
	}
}

// hintFor says what to do about an error of the server's, "" if that is not known. An error that a function raises
// means what its author says, not what its code says elsewhere.
func hintFor(pg *pgconn.PgError) string {
	if Raised(pg) {
		return ""
	}
	pg = trusted(pg)
	switch pg.Code {
	case pgerrcode.ProgramLimitExceeded, pgerrcode.StatementTooComplex:
		return hintForSize(pg)
	case pgerrcode.FeatureNotSupported, pgerrcode.DependentObjectsStillExist, pgerrcode.SyntaxError: // the last for a generated column, up to PostgreSQL 13
		if detail := SafeDetail(pg); detail != "" {
			return detail + "; drop or change what depends on it, run again, and create it anew"
		}
	case pgerrcode.InvalidColumnReference, pgerrcode.ObjectNotInPrerequisiteState:
		if pg.Routine == checksReplicaIdentity {
			return "a publication needs to identify the rows that change: ALTER TABLE … REPLICA IDENTITY FULL, or take the table out of the publication"
		}
	case pgerrcode.UndefinedObject:
		if strings.HasPrefix(pg.Message, "type ") {
			return "create the type, and write it with its schema in the settings of the column, such as public.citext"
		}
	case pgerrcode.CharacterNotInRepertoire, pgerrcode.UntranslatableCharacter:
		return "load into a database whose encoding is UTF8, or set on_bad_record to reject"
	case pgerrcode.ForeignKeyViolation:
		return "load the referenced stream first, or drop the foreign key"
	case pgerrcode.UniqueViolation:
		if pg.ConstraintName == "" {
			return ""
		}
		return "the table allows fewer rows than the stream brings: choose the key and load mode that fit it, or drop the constraint: " +
			"ALTER TABLE " + merge.Name{Schema: pg.SchemaName, Table: pg.TableName}.SQL() + " DROP CONSTRAINT " + typemap.Quote(pg.ConstraintName) +
			"; if it is only an index, take it out of the setting indexes, and DROP INDEX " + merge.Name{Schema: pg.SchemaName, Table: pg.ConstraintName}.SQL()
	case pgerrcode.NotNullViolation:
		return "drop the column's NOT NULL, or give it a default if the stream has no such field; where the table's key or its partitions need the column, have the source " +
			"fill it, or set on_bad_record to reject"
	case pgerrcode.CheckViolation:
		if pg.Routine == "ExecFindPartition" && pg.TableName != "" {
			table := merge.Name{Schema: pg.SchemaName, Table: pg.TableName}
			rest := merge.Name{Schema: pg.SchemaName, Table: pg.TableName + "_default"}
			return "make a partition for the row, or one for all that have none: CREATE TABLE " + rest.SQL() + " PARTITION OF " + table.SQL() + " DEFAULT"
		}
	case pgerrcode.DiskFull:
		return "the server's disk is full: free space and run again, nothing that was acknowledged is lost"
	case pgerrcode.ReadOnlySQLTransaction:
		return "a standby is read-only: load into the primary; else default_transaction_read_only is on, for the server, the database or the role: " +
			"who set it did not want anything to be written"
	case pgerrcode.QueryCanceled:
		return "raise statement_timeout, or lower batch_max_bytes"
	case pgerrcode.LockNotAvailable:
		return "another session holds a lock on the table; see pg_stat_activity, or raise lock_timeout"
	}
	return ""
}

// checksReplicaIdentity is the routine of the server that refuses to change rows of a published table.
const checksReplicaIdentity = "CheckCmdReplicaIdentity"

// connectionError is a failure of the connection itself, which another attempt may not meet.
func connectionError(stream, doing string, err error) error {
	var network net.Error
	lost := errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, net.ErrClosed) || pgconn.Timeout(err) || strings.Contains(err.Error(), "conn closed")
	if errors.Is(err, context.Canceled) || !lost {
		return &Error{Blame: Program, Stream: stream, Reason: doing, Err: err}
	}
	return &Error{Blame: Connection, Stream: stream, Reason: doing + ": the connection to the server was lost", Err: err}
}
