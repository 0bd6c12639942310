package failure

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// As a coordinator of Citus 13.2 said them while its worker was killed.
func TestALostWorkerIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, said := range []pgconn.PgError{
		{Code: "58030", Routine: "SendCopyDataToPlacement", Message: "failed to COPY to shard 102008 on 10.0.0.2:5432"},
		{Code: "58030", Routine: "EndRemoteCopy", Message: "failed to COPY to shard 102008 on 10.0.0.2:5432"},
		{Code: "58030", Routine: "ReportCopyError", Message: "failed to complete COPY on 10.0.0.2:5432"},
		{Code: "XX000", Routine: "MarkRemoteTransactionFailed", Message: "failure on connection marked as essential: 10.0.0.2:5432"},
		{Code: "XX000", Routine: "CheckRemoteTransactionsHealth", Message: "failure on connection marked as essential: 10.0.0.2:5432"},
		{Code: "XX000", Routine: "ReportResultError", Message: "SSL SYSCALL error: EOF detected", Where: "while executing command on 10.0.0.2:5432"},
		{Code: "08006", Routine: "ReportConnectionError", Message: "connection to the remote node failed"},
		{Code: "57P01", Routine: "ReportResultError", Message: "terminating connection due to administrator command"},
	} {
		err := FromServer("orders", "copy rows", &said)
		if BlameOf(err) != Connection {
			t.Errorf("%s of %s is not tried again: %v", said.Code, said.Routine, err)
		}
	}
}

func TestADamagedDiskAndAFaultOfTheServerAreNoLostWorker(t *testing.T) {
	t.Parallel()
	for _, said := range []pgconn.PgError{
		{Code: "58030", Routine: "mdread", Message: "could not read block 1 in file \"base/1/2\""},
		{Code: "XX000", Routine: "relation_open", Message: "could not open relation with OID 1"},
	} {
		if err := FromServer("orders", "copy rows", &said); BlameOf(err) != Program {
			t.Errorf("%s of %s: %v", said.Code, said.Routine, err)
		}
	}
}

// Citus repeats what a worker has against a row of a COPY by its message alone.
func TestARowThatAWorkerRefusesIsABadRow(t *testing.T) {
	t.Parallel()
	err := FromServer("orders", "copy rows", &pgconn.PgError{
		Code: "XX000", Routine: "ReportCopyError", Detail: "Failing row contains (1, SECRET).",
		Message: `new row for relation "orders_102008" violates check constraint "positive"`,
	})
	if BlameOf(err) != Row || SQLState(err) != "23000" || !MayRepeatKey(err) {
		t.Errorf("kind %v, SQLSTATE %s, may repeat a key %t: %v", BlameOf(err), SQLState(err), MayRepeatKey(err), err)
	}
	if strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%v has a value", err)
	}
}
