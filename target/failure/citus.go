package failure

import (
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
)

// Citus passes on the SQLSTATE of most errors that a worker has. Where it does not, the routine that raised the error
// tells what happened: its messages are translated, or are the worker's.

// losesWorkers are the routines of Citus that find a worker gone. They say so by 58030 or XX000, which elsewhere mean a
// damaged disk and a fault of the server.
var losesWorkers = []string{
	"SendCopyDataToPlacement", "EndRemoteCopy", "ReportCopyError", "ShardCopyDestReceiverReceive", "ShardCopyDestReceiverShutdown",
	"MarkRemoteTransactionFailed", "CheckRemoteTransactionsHealth", "FinishRemoteTransactionPrepare", "InitializeCopyShardState",
	"CopyGetPlacementConnection", "FetchRemoteIntermediateResult", repeatsWorker,
}

// repeatsWorker is the routine of Citus that repeats an error of a worker, with its SQLSTATE. XX000 is that of a
// connection that broke, which has none; a fault of the worker's own is rare, and trying again in vain does no harm.
const repeatsWorker = "ReportResultError"

// reportsRows is the routine of Citus that repeats what a worker has against a row of a COPY, without its SQLSTATE.
const reportsRows = "ReportCopyError"

// lostWorker reports whether Citus has lost a worker. Trying again helps once the worker is back.
func lostWorker(pg *pgconn.PgError) bool {
	return slices.Contains(losesWorkers, pg.Routine) && (pg.Code == pgerrcode.IOError || pg.Code == pgerrcode.InternalError && pg.Routine != reportsRows)
}

// lostWorkerMessage says that a worker is lost. The worker's own message is not repeated.
func lostWorkerMessage(pg *pgconn.PgError) string {
	if pg.Routine == repeatsWorker {
		return "Citus has lost the connection to a worker"
	}
	return "Citus has lost a worker: " + OneLine(pg.Message)
}

// ofWorker returns the SQLSTATE that an error of Citus stands for, "" where it is the error's own. While a worker takes
// rows of a COPY, its error is mostly a broken constraint. A worker that is shut down says so there, too: it is found
// to be gone once the rows are looked at one by one.
func ofWorker(pg *pgconn.PgError) string {
	switch {
	case lostWorker(pg):
		return pgerrcode.ConnectionFailure
	case pg.Code == pgerrcode.InternalError && pg.Routine == reportsRows:
		return pgerrcode.IntegrityConstraintViolation
	}
	return ""
}

// MayRepeatKey reports whether a row may have been refused because its key is there already. Citus does not say which
// constraint of a row has objected.
func MayRepeatKey(err error) bool {
	return slices.Contains([]string{pgerrcode.UniqueViolation, pgerrcode.IntegrityConstraintViolation}, SQLState(err))
}
