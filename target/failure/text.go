package failure

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/sqlstate"
)

// A server's text goes out only if it is known to carry no value of a row. Everything else is said in words of ours:
// the SQLSTATE, and the names that the server gives in fields of their own.

// SafeMessage is what the program says about a server's error.
func SafeMessage(pg *pgconn.PgError) string {
	switch {
	case Raised(pg):
		return "an exception was raised" + by(pg)
	case lostWorker(pg):
		return lostWorkerMessage(pg)
	case lacksRole(pg):
		return roleMessage(pg)
	case sqlstate.InClassOf(pg.Code, pgerrcode.DataException):
		return conditionOf(pg.Code) + by(pg)
	case sqlstate.InClassOf(codeOf(pg), pgerrcode.IntegrityConstraintViolation):
		return violation(pg)
	case namesOnly(pg):
		return OneLine(pg.Message)
	case sqlstate.InClassOf(pg.Code, pgerrcode.ProgramLimitExceeded):
		return "a row or a value is larger or deeper than PostgreSQL allows"
	case sqlstate.InClassOf(pg.Code, pgerrcode.InternalError):
		return "the server refused it with an internal error" + by(pg)
	case pg.Code == pgerrcode.SyntaxError:
		return "a value is not valid for its type, or a statement is wrong" + by(pg)
	case sqlstate.InClassOf(pg.Code, pgerrcode.SyntaxErrorOrAccessRuleViolation):
		return "an object that is named does not exist or may not be used" + by(pg)
	case pg.Code == pgerrcode.WithCheckOptionViolation:
		return "a row breaks the condition of a view"
	default:
		return "the server refused it" + by(pg)
	}
}

// violation names the constraint that a row breaks. The error of another server, or of a function, has no names.
func violation(pg *pgconn.PgError) string {
	pg = trusted(pg)
	if pg.ConstraintName+pg.TableName+pg.ColumnName+pg.DataTypeName == "" {
		return "a row breaks a constraint of the table" + by(pg)
	}
	switch pg.Code {
	case pgerrcode.UniqueViolation:
		return fmt.Sprintf("a row breaks the unique constraint %q of %q", pg.ConstraintName, pg.TableName)
	case pgerrcode.ForeignKeyViolation:
		return fmt.Sprintf("a row breaks the foreign key %q of %q", pg.ConstraintName, pg.TableName)
	case pgerrcode.CheckViolation:
		if pg.Routine == "ExecPartitionCheckEmitError" {
			return fmt.Sprintf("the row is outside the bounds of the partition %q", pg.TableName)
		}
		if pg.ConstraintName == "" {
			return fmt.Sprintf("no partition of %q takes the row", pg.TableName)
		}
		return fmt.Sprintf("a row breaks the check constraint %q of %q", pg.ConstraintName, cmp.Or(pg.TableName, pg.DataTypeName))
	case pgerrcode.ExclusionViolation:
		return fmt.Sprintf("a row breaks the exclusion constraint %q of %q", pg.ConstraintName, pg.TableName)
	case pgerrcode.NotNullViolation:
		if pg.DataTypeName != "" {
			return fmt.Sprintf("a row has NULL for the domain %q, which is NOT NULL", pg.DataTypeName)
		}
		return fmt.Sprintf("a row has NULL in column %q of %q, which is NOT NULL", pg.ColumnName, pg.TableName)
	default:
		return "a row breaks a constraint of the table"
	}
}

// ourOwn are codes of the classes of errors in a statement itself, whose texts name the objects in it.
var ourOwn = []string{
	pgerrcode.FeatureNotSupported, pgerrcode.InvalidTransactionState, pgerrcode.InvalidAuthorizationSpecification,
	pgerrcode.DependentPrivilegeDescriptorsStillExist, pgerrcode.InvalidCatalogName, pgerrcode.InvalidSchemaName,
	pgerrcode.SyntaxErrorOrAccessRuleViolation,
}

// operations are codes of the classes of events that befall a server: locks, timeouts, memory, disk, shutdown.
var operations = []string{
	pgerrcode.ConnectionException, pgerrcode.TransactionRollback, pgerrcode.InsufficientResources, pgerrcode.ObjectNotInPrerequisiteState,
	pgerrcode.OperatorIntervention, pgerrcode.SystemError,
}

// sizes are the texts of class 54 that have nothing but sizes and the name of an index.
var sizes = regexp.MustCompile(`^(index row (size|requires) \d+ [^"]*(for index "[^"]*")?|row is too big: size \d+, maximum size \d+|stack depth limit exceeded)$`)

// namesOnly reports whether a message has names, numbers and words, but no value. The text of a function, of a COPY
// that reads a value and of a statement inside a trigger has a context; one whose code is the server's own check of a
// privilege is known wherever it was raised.
func namesOnly(pg *pgconn.PgError) bool {
	switch {
	case pg.Routine == raiseRoutine:
		return false
	case pg.Code == pgerrcode.ProgramLimitExceeded, pg.Code == pgerrcode.StatementTooComplex:
		return sizes.MatchString(pg.Message)
	case pg.Code == pgerrcode.InsufficientPrivilege && slices.Contains([]string{"aclcheck_error", checksOptions, "nextval_internal"}, pg.Routine):
		return true
	case pg.Routine == "ProcessInterrupts", sqlstate.InClassOf(pg.Code, operations...) && !strings.Contains(pg.Where, "PL/"):
		return true
	case pg.Where != "":
		return false
	}
	return sqlstate.InClassOf(pg.Code, ourOwn...) && pg.Code != pgerrcode.SyntaxError
}

// Raised reports whether a function's own statement raised the error, with a text that its author wrote.
func Raised(pg *pgconn.PgError) bool {
	return pg.Routine == raiseRoutine || sqlstate.InClassOf(pg.Code, pgerrcode.PLpgSQLError)
}

// checks are the server's functions that find a broken constraint, and give its names. They have a context when a COPY
// or a function's statement brought the row.
var checks = []string{
	"ExecConstraints", "ReportNotNullViolationError", "ExecFindPartition", "ExecPartitionCheckEmitError", "_bt_check_unique",
	"check_exclusion_or_unique_constraint", "ri_ReportViolation", "domain_check_input", "ExecEvalConstraintNotNull", "ExecEvalConstraintCheck",
}

// trusted returns an error whose fields have the names of objects alone: the statements and functions of other
// languages may write anything into them, a row's value too.
func trusted(pg *pgconn.PgError) *pgconn.PgError {
	if !Raised(pg) && (pg.Where == "" || slices.Contains(checks, pg.Routine)) {
		return pg
	}
	plain := *pg
	plain.SchemaName, plain.TableName, plain.ColumnName, plain.DataTypeName, plain.ConstraintName = "", "", "", "", ""
	return &plain
}

// functionName finds the function in the first line of an error's context.
var functionName = regexp.MustCompile(`^PL/\w+ function ((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)\(`)

// by names the function that an error came from, if the server says so.
func by(pg *pgconn.PgError) string {
	if found := functionName.FindStringSubmatch(pg.Where); found != nil {
		return " by the function " + found[1]
	}
	return ""
}

// SafeDetail is the server's detail if it names the objects that depend on another, "" otherwise.
func SafeDetail(pg *pgconn.PgError) string {
	if pg.Where != "" || pg.Routine == raiseRoutine {
		return ""
	}
	return strings.ReplaceAll(pg.Detail, "\n", "; ")
}

// OneLine returns a text with every white space as one blank.
func OneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
