package failure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// leaky is what the server says with a row's values wherever it may put them.
func leaky(code string) *pgconn.PgError {
	return &pgconn.PgError{
		Severity: "ERROR", Code: code,
		Message:        `invalid input syntax for type integer: "SECRET"`,
		Detail:         "Failing row contains (1, SECRET).",
		Where:          `COPY t, line 1, column a: "SECRET"`,
		InternalQuery:  "SELECT 'SECRET'",
		SchemaName:     "s",
		TableName:      "t",
		ColumnName:     "a",
		ConstraintName: "t_check",
		Routine:        "ExecConstraints",
	}
}

// dataExceptions are the codes of classes 22 and 23 that a load may meet.
func dataExceptions() []string {
	return []string{
		"22000", "22001", "22003", "22007", "22008", "22009", "22021", "22023", "22030", "22032", "2202E", "22P01", "22P02", "22P03", "22P04",
		"22P05", "2200L", "2200M", "23000", "23001", "23502", "23503", "23505", "23514", "23P01",
	}
}

// The author of a function may write anything into the fields that name objects.
func TestNoNameThatAFunctionRaisesLeavesThroughAnError(t *testing.T) {
	t.Parallel()
	for _, routine := range []string{"exec_stmt_raise", "PLy_output"} {
		for _, code := range append(dataExceptions(), "P0001", "53100", "42501", "ZZ001") {
			err := FromServer("orders", "copy rows", &pgconn.PgError{
				Code: code, Message: "SECRET", Where: "PL/x function f() line 1", Routine: routine,
				SchemaName: "SECRET", TableName: "SECRET", ColumnName: "SECRET", ConstraintName: "SECRET", DataTypeName: "SECRET",
			})
			if text := fmt.Sprintf("%v", err); strings.Contains(text, "SECRET") {
				t.Errorf("%s of %s: %q has a value", code, routine, text)
			}
		}
	}
}

func TestNoValueOfARowLeavesThroughAnError(t *testing.T) {
	t.Parallel()
	for _, code := range dataExceptions() {
		err := FromServer("orders", "copy rows", leaky(code))
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%s: %v is no Error", code, err)
		}
		for what, text := range map[string]string{
			"Error()": err.Error(), "%v": fmt.Sprintf("%v", err), "%+v": fmt.Sprintf("%+v", *e), "Hint": e.Hint, "Reason": e.Reason,
		} {
			if strings.Contains(text, "SECRET") {
				t.Errorf("%s: %s says %q", code, what, text)
			}
		}
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			if strings.Contains(cause.Error(), "SECRET") {
				t.Errorf("%s: the cause %T says %q", code, cause, cause)
			}
		}
		if e.Blame != Row || e.Stream != "orders" || e.Column != "a" {
			t.Errorf("%s is blame %d of stream %q, column %q, want an error of the input that names both", code, e.Blame, e.Stream, e.Column)
		}
		if SQLState(err) != code || !strings.Contains(err.Error(), "SQLSTATE "+code) {
			t.Errorf("%s: %q does not say so", code, err)
		}
	}
}

func TestTextsThatMayHoldAValueStayWithin(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"P0001", "P0004", "42601", "42P01", "42704", "42501", "42883", "54000", "54001", "XX000", "38000", "0A000", "2BP01", "ZZ001", "45000"} {
		for _, routine := range []string{"", "exec_stmt_raise"} {
			pg := leaky(code)
			pg.Routine, pg.Hint = routine, "ask SECRET"
			pg.Where = "PL/pgSQL function s.guard() line 3 at RAISE\n" + pg.Where
			text := FromServer("orders", "copy rows", pg).Error()
			if strings.Contains(text, "SECRET") || strings.Contains(text, "\n") {
				t.Errorf("%s: %q", code, text)
			}
		}
	}
	guarded := FromServer("orders", "merge", &pgconn.PgError{Code: "P0001", Message: "SECRET", Where: "PL/pgSQL function s.guard() line 3 at RAISE"})
	if !strings.Contains(guarded.Error(), "s.guard") {
		t.Errorf("%v does not name the function", guarded)
	}
}

func TestTextsThatHaveNamesOnlyGoOut(t *testing.T) {
	t.Parallel()
	for text, pg := range map[string]*pgconn.PgError{
		"permission denied for table x":    {Code: "42501", Message: "permission denied for table x", Routine: "aclcheck_error", Where: "SQL statement"},
		"relation \"x\" does not exist":    {Code: "42P01", Message: "relation \"x\" does not exist"},
		"row is too big":                   {Code: "54000", Message: "row is too big: size 8832, maximum size 8160", Where: "COPY t, line 2"},
		"maximum 2704 for index \"t_key\"": {Code: "54000", Message: "index row size 7016 exceeds btree version 4 maximum 2704 for index \"t_key\""},
	} {
		if err := FromServer("s", "merge", pg); !strings.Contains(err.Error(), text) {
			t.Errorf("%v, want %q in it", err, text)
		}
	}
}

func TestABrokenConstraintIsNamed(t *testing.T) {
	t.Parallel()
	tests := []struct{ code, reason, hint string }{
		{"23505", `copy rows: a row breaks the unique constraint "t_check" of "t"`, "drop the constraint"},
		{"23503", `copy rows: a row breaks the foreign key "t_check" of "t"`, "load the referenced stream first"},
		{"23514", `copy rows: a row breaks the check constraint "t_check" of "t"`, ""},
		{"23502", `copy rows: a row has NULL in column "a" of "t", which is NOT NULL`, "drop the column's NOT NULL"},
		{"23P01", `copy rows: a row breaks the exclusion constraint "t_check" of "t"`, ""},
		{"22001", "copy rows: a text is longer than the column allows", ""},
		{"22003", "copy rows: a number is out of the column's range", ""},
		{"22007", "copy rows: a date or time is not one the column can hold", ""},
		{"22008", "copy rows: a date or time is not one the column can hold", ""},
		{"22P02", "copy rows: a value is not valid for the column's type", ""},
		{"22021", "copy rows: a text has a character that the database's encoding lacks", ""},
		{"22012", "copy rows: an expression of the table divides by zero", ""},
	}
	for _, test := range tests {
		var e *Error
		if err := FromServer("", "copy rows", leaky(test.code)); !errors.As(err, &e) {
			t.Fatalf("%s: %v", test.code, err)
		}
		if e.Reason != test.reason {
			t.Errorf("%s: %q, want %q", test.code, e.Reason, test.reason)
		}
		if !strings.Contains(e.Hint, test.hint) {
			t.Errorf("%s: the hint is %q, want %q in it", test.code, e.Hint, test.hint)
		}
	}
}

func TestABrokenConstraintWithoutAName(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"23505", "23503", "23514", "23502", "23P01"} {
		far := &pgconn.PgError{Code: code, Message: "SECRET", Where: "remote SQL command: INSERT INTO t", Routine: "pgfdw_report_error"}
		if got, want := FromServer("", "copy rows", far).Error(), "copy rows: a row breaks a constraint of the table: SQLSTATE "+code; !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhoCanDoSomethingAboutAnErrorFollowsFromItsCode(t *testing.T) {
	t.Parallel()
	tests := map[Blame][]string{
		Connection:    {"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300", "08006", "08003", "08000", "08P01"},
		Row:           dataExceptions(),
		Configuration: {"42501", "42P01", "42703", "42804", "0A000", "2BP01", "25006", "53100", "28000", "3F000"},
		Program:       {"XX000", "XX001", "XX002", "58000", "58030", "58P01"},
	}
	for want, codes := range tests {
		for _, code := range codes {
			if got := BlameOf(FromServer("s", "merge", &pgconn.PgError{Code: code, Message: "m"})); got != want {
				t.Errorf("%s is of kind %d, want %d", code, got, want)
			}
		}
	}
}

func TestAnErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		server pgconn.PgError
		want   string
	}{
		{pgconn.PgError{Code: "42501", Message: "something else is forbidden"}, "grant the role what it lacks"},
		{pgconn.PgError{Code: "42501", Message: "permission denied for schema raw"}, `GRANT USAGE, CREATE ON SCHEMA "raw"`},
		{pgconn.PgError{Code: "0A000", Detail: `rule _RETURN on view v depends on column "a"`}, `view v depends on column "a"; drop or change what depends on it`},
		{pgconn.PgError{Code: "2BP01", Detail: "constraint f on table o depends on index t_pkey"}, "table o depends on index t_pkey; drop or change"},
		{pgconn.PgError{Code: "23514", Routine: "ExecFindPartition", SchemaName: "s", TableName: "t"}, `CREATE TABLE "s"."t_default" PARTITION OF "s"."t" DEFAULT`},
		{pgconn.PgError{Code: "53100"}, "free space"},
		{pgconn.PgError{Code: "25006"}, "read-only"},
		{pgconn.PgError{Code: "57014"}, "statement_timeout"},
		{pgconn.PgError{Code: "55P03"}, "lock_timeout"},
	}
	for _, test := range tests {
		var e *Error
		if err := FromServer("s", "merge", &test.server); !errors.As(err, &e) || !strings.Contains(e.Hint, test.want) {
			t.Errorf("%s: %v, want %q in its hint", test.server.Code, err, test.want)
		}
	}
}

func TestAnErrorOfOursPassesAsItIs(t *testing.T) {
	t.Parallel()
	ours := &Error{Blame: Row, Reason: "r", Line: 3}
	if got := FromServer("s", "merge", fmt.Errorf("wrapped: %w", ours)); !errors.Is(got, ours) || BlameOf(got) != Row {
		t.Errorf("%v, want the same", got)
	}
	if err := FromServer("s", "merge", nil); err != nil {
		t.Errorf("nothing became %v", err)
	}
}

// timeoutError is what a network connection says when a deadline has passed.
type timeoutError struct{}

func (timeoutError) Error() string { return "i/o timeout" }

func (timeoutError) Timeout() bool { return true }

func (timeoutError) Temporary() bool { return true }

func TestALostConnectionIsTriedAgainAndAnAbortedRunIsNot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want Blame
	}{
		{"reset", &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, Connection},
		{"end of the stream", fmt.Errorf("receive message: %w", io.ErrUnexpectedEOF), Connection},
		{"closed", fmt.Errorf("write: %w", net.ErrClosed), Connection},
		{"timeout", timeoutError{}, Connection},
		{"a connection that was closed before", errors.New("conn closed"), Connection},
		{"aborted", fmt.Errorf("query: %w", context.Canceled), Program},
		{"something else", errors.New("cannot scan"), Program},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := FromServer("s", "copy rows", test.err)
			if got := BlameOf(err); got != test.want {
				t.Errorf("kind %d, want %d: %v", got, test.want, err)
			}
			if !errors.Is(err, test.err) {
				t.Errorf("%v has lost its cause", err)
			}
			if SQLState(err) != "" {
				t.Errorf("%v has SQLSTATE %q, and no server gave it", err, SQLState(err))
			}
		})
	}
}

func TestAnErrorReadsAsOneSentence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want string
	}{
		{&Error{Reason: "r"}, "r"},
		{&Error{Stream: "a b", Reason: "r"}, `stream "a b": r`},
		{&Error{Line: 3, Stream: "s", Column: "c", Reason: "r", Hint: "h"}, `input line 3, stream "s", column "c": r (h)`},
		{&Error{Line: 3, Err: errors.New("cause")}, "input line 3: cause"},
		{&Error{Reason: "r", Err: errors.New("cause"), Hint: "h"}, "r: cause (h)"},
		{&ConfigError{Setting: "a.b", Reason: "is wrong", Hint: "h"}, `setting "a.b" is wrong (h)`},
		{&ConfigError{Reason: "cannot be read", Err: errors.New("cause")}, "cannot be read: cause"},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestTheBlameOfAForeignErrorIsSystem(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]Blame{
		errors.New("x"): Program,
		fmt.Errorf("w: %w", &ConfigError{Reason: "r"}):         Configuration,
		fmt.Errorf("w: %w", &Error{Blame: Connection}):         Connection,
		errors.Join(errors.New("x"), &Error{Blame: Row}):       Row,
		fmt.Errorf("w: %w", &Error{Blame: Row, Reason: "bad"}): Row,
	} {
		if got := BlameOf(err); got != want {
			t.Errorf("%v is of kind %d, want %d", err, got, want)
		}
	}
}
