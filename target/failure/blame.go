package failure

import (
	"errors"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/connect"
	"target-postgres/target/sqlstate"
)

// Blame says what an error is the fault of, and so what to do about it. Whether a task is tried again, whether rows are
// looked at one by one, Airbyte's failure_type and the error's kind in the metrics follow from it.
type Blame uint8

const (
	// Program is a fault of the program, or of the server's own code or files. Nothing that the run does mends it.
	Program Blame = iota
	// Configuration is something that the user has to change: a setting, a grant, a table in the way.
	Configuration
	// Stream is something that the source sends and no row can be made of: a SCHEMA, a BATCH file, a line that is no
	// message.
	Stream
	// Row is one record, which can be rejected while the others are loaded.
	Row
	// Connection is what happens to the session: it is lost, waits for a lock, meets a deadlock or a server that is
	// starting. Another attempt may succeed.
	Connection
)

// BlameOf returns what any error of the load is the fault of.
func BlameOf(err error) Blame {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Blame
	}
	if _, ok := errors.AsType[*ConfigError](err); ok {
		return Configuration
	}
	if e, ok := errors.AsType[*connect.Error](err); ok {
		return blameOfConnecting(e)
	}
	return Program
}

// blameOfConnecting is the blame of a connection that did not come about.
func blameOfConnecting(e *connect.Error) Blame {
	if e.Transient {
		return Connection
	}
	return Configuration
}

// Transient reports whether trying again may help.
func Transient(err error) bool { return BlameOf(err) == Connection }

// suspicion is how likely one of the rows that a statement carried is to blame for its error.
type suspicion uint8

const (
	// likely is the suspicion of a row if nothing else is known: only rows bring most errors about.
	likely suspicion = iota
	// unproven is that of an error which is more often about the table. A row is to blame only if the server takes
	// another one.
	unproven
	// never is that of an error which no row brings about.
	never
)

// reach is how much of a run an error concerns.
type reach uint8

const (
	// statement is the reach of an error that other statements need not meet.
	statement reach = iota
	// server is that of an error which every stream meets: memory, a disk, damaged files.
	server
	// session is that of an error which ends the session.
	session
)

// verdict is all that a SQLSTATE says about where the fault lies.
type verdict struct {
	blame Blame
	row   suspicion
	reach reach
}

// verdicts judge SQLSTATEs. The first entry that has the code, or a code of its class, decides.
var verdicts = []struct {
	codes, classes []string
	verdict
}{
	{codes: []string{
		pgerrcode.ConnectionException, pgerrcode.SQLClientUnableToEstablishSQLConnection, pgerrcode.ConnectionDoesNotExist, pgerrcode.ConnectionFailure,
		pgerrcode.ProtocolViolation, pgerrcode.AdminShutdown, pgerrcode.CrashShutdown, pgerrcode.CannotConnectNow, pgerrcode.TooManyConnections,
		pgerrcode.IdleSessionTimeout, pgerrcode.IdleInTransactionSessionTimeout, sqlstate.TransactionTimeout,
	}, verdict: verdict{Connection, never, session}},
	{codes: []string{pgerrcode.SerializationFailure, pgerrcode.DeadlockDetected, pgerrcode.LockNotAvailable, pgerrcode.QueryCanceled}, verdict: verdict{Connection, never, statement}},
	{codes: []string{pgerrcode.DatabaseDropped}, classes: []string{pgerrcode.ConnectionException}, verdict: verdict{Configuration, never, session}},
	{classes: []string{pgerrcode.InsufficientResources}, verdict: verdict{Configuration, never, server}},
	{classes: []string{pgerrcode.SystemError}, verdict: verdict{Program, never, server}},
	{
		codes: []string{pgerrcode.ReadOnlySQLTransaction}, classes: []string{pgerrcode.TransactionRollback, pgerrcode.OperatorIntervention},
		verdict: verdict{Configuration, never, statement},
	},
	{codes: []string{pgerrcode.DataCorrupted, pgerrcode.IndexCorrupted}, verdict: verdict{Program, never, statement}},
	{classes: []string{pgerrcode.InternalError}, verdict: verdict{Program, unproven, statement}},
	{classes: []string{pgerrcode.DataException, pgerrcode.IntegrityConstraintViolation}, verdict: verdict{Row, likely, statement}},
	{classes: []string{
		pgerrcode.FeatureNotSupported, pgerrcode.InvalidGrantor, pgerrcode.InvalidRoleSpecification, pgerrcode.InvalidTransactionState,
		pgerrcode.InvalidAuthorizationSpecification, pgerrcode.DependentPrivilegeDescriptorsStillExist, pgerrcode.InvalidCatalogName,
		pgerrcode.InvalidSchemaName, pgerrcode.SyntaxErrorOrAccessRuleViolation, pgerrcode.ObjectNotInPrerequisiteState,
	}, verdict: verdict{Configuration, unproven, statement}},
}

// ofCode judges a SQLSTATE. An unknown one is the configuration's until an experiment finds a row: the object that the
// error came from is a table of the user's.
func ofCode(code string) verdict {
	if code == "" {
		return verdict{Program, never, statement}
	}
	for _, v := range verdicts {
		if slices.Contains(v.codes, code) || sqlstate.InClassOf(code, v.classes...) {
			return v.verdict
		}
	}
	return verdict{Configuration, likely, statement}
}

// checksOptions is the routine of the server that checks a row-level security policy or the condition of a view.
const checksOptions = "ExecWithCheckOptions"

// ofServer judges what the server said. Where a code means several things, the routine that raised it tells them apart.
func ofServer(pg *pgconn.PgError) verdict {
	v := ofCode(codeOf(pg))
	switch {
	case ChangedMeanwhile(pg):
		v.blame, v.row = Connection, never
	case lacksRole(pg):
		v.blame, v.row = Configuration, never
	case pg.Routine == checksOptions && v.row == unproven:
		v.row = likely // it looks at one row
	}
	return v
}

// judge judges the server's answer that is behind an error. Another error has no answer, which no row can have caused.
func judge(err error) verdict {
	if pg := Said(err); pg != nil {
		return ofServer(pg)
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return ofServer(pg)
	}
	return ofCode(SQLState(err))
}

// OfRows reports whether a row may be to blame for an error of a statement that carried rows.
func OfRows(err error) bool { return judge(err).row != never }

// NeedsProof reports whether an error more often is about the table than about a row: a missing privilege, function,
// column or object. A row is to blame for it only if the server takes another row of the stream.
func NeedsProof(err error) bool { return judge(err).row == unproven }

// Retryable reports whether the same transaction may succeed after the server's answer: a serialization failure or a
// deadlock, a lock or statement that timed out, and a server, or one behind a foreign table, that is going down, coming
// up or full.
func Retryable(pg *pgconn.PgError) bool { return ofCode(codeOf(pg)).blame == Connection }

// A fault of one stream takes nothing else with it. Everything that was complete before is committed and its STATE
// emitted; the run then ends, or goes on without the stream (on_stream_error).

// ConnectionLost reports whether an error means that there is no connection any more, so that nothing else can be done.
func ConnectionLost(err error) bool {
	if _, is := errors.AsType[*connect.Error](err); is {
		return true
	}
	if SQLState(err) == "" {
		blame := BlameOf(err)
		return blame == Program || blame == Connection
	}
	return judge(err).reach == session
}

// OfServer reports whether an error would meet every stream: of the connection, of memory or of a disk.
func OfServer(err error) bool { return ConnectionLost(err) || judge(err).reach >= server }
