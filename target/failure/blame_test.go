package failure

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/sqlstate"
)

func TestBlame_ASQLSTATESaysWhatToDo(t *testing.T) {
	t.Parallel()
	tests := map[string]verdict{
		pgerrcode.InvalidTextRepresentation:                     {Row, likely, statement},
		pgerrcode.UniqueViolation:                               {Row, likely, statement},
		"22Z99":                                                 {Row, likely, statement}, // of a newer server
		pgerrcode.InsufficientPrivilege:                         {Configuration, unproven, statement},
		pgerrcode.FeatureNotSupported:                           {Configuration, unproven, statement},
		pgerrcode.RaiseException:                                {Configuration, likely, statement},
		pgerrcode.WithCheckOptionViolation:                      {Configuration, likely, statement},
		pgerrcode.ReadOnlySQLTransaction:                        {Configuration, never, statement},
		pgerrcode.DiskFull:                                      {Configuration, never, server},
		pgerrcode.DatabaseDropped:                               {Configuration, never, session},
		pgerrcode.SQLServerRejectedEstablishmentOfSQLConnection: {Configuration, never, session},
		pgerrcode.InternalError:                                 {Program, unproven, statement},
		pgerrcode.DataCorrupted:                                 {Program, never, statement},
		pgerrcode.IOError:                                       {Program, never, server},
		pgerrcode.DeadlockDetected:                              {Connection, never, statement},
		pgerrcode.QueryCanceled:                                 {Connection, never, statement},
		pgerrcode.TooManyConnections:                            {Connection, never, session},
		sqlstate.TransactionTimeout:                             {Connection, never, session},
		pgerrcode.AdminShutdown:                                 {Connection, never, session},
		"":                                                      {Program, never, statement},
	}
	for code, want := range tests {
		if got := ofCode(code); got != want {
			t.Errorf("%q is judged %+v, want %+v", code, got, want)
		}
	}
}

// A code may mean several things: the routine that raised it tells them apart.
func TestBlame_TheRoutineDecidesWhereACodeDoesNot(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		said pgconn.PgError
		want verdict
	}{
		{pgconn.PgError{Code: pgerrcode.InternalError, Routine: "simple_heap_update"}, verdict{Connection, never, statement}},
		{pgconn.PgError{Code: pgerrcode.InvalidParameterValue, Routine: checksSettings}, verdict{Configuration, never, statement}},
		{pgconn.PgError{Code: pgerrcode.InvalidParameterValue}, verdict{Row, likely, statement}},
		{pgconn.PgError{Code: pgerrcode.InsufficientPrivilege, Routine: checksOptions}, verdict{Configuration, likely, statement}},
		{pgconn.PgError{Code: pgerrcode.DeadlockDetected, Routine: raiseRoutine}, verdict{Configuration, likely, statement}},
	} {
		if got := ofServer(&test.said); got != test.want {
			t.Errorf("%s of %q is judged %+v, want %+v", test.said.Code, test.said.Routine, got, test.want)
		}
		for what, err := range map[string]error{"as it came": &test.said, "wrapped": fmt.Errorf("w: %w", FromServer("s", "d", &test.said))} {
			if rows, proof := OfRows(err), NeedsProof(err); rows != (test.want.row != never) || proof != (test.want.row == unproven) {
				t.Errorf("%s of %q, %s: rows may be to blame: %v, with proof: %v, want what follows from %+v", test.said.Code, test.said.Routine, what, rows, proof, test.want)
			}
		}
	}
	if OfRows(errors.New("closed")) || OfRows(nil) {
		t.Error("a row is to blame for an error that the server did not answer")
	}
}
