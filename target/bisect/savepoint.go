package bisect

// The savepoint of an attempt: how it begins, how its rows are kept, and how it leaves the transaction as it was.
const (
	Savepoint  = "SAVEPOINT fraction"
	Release    = "RELEASE SAVEPOINT fraction"
	RollbackTo = "ROLLBACK TO SAVEPOINT fraction; RELEASE SAVEPOINT fraction"
)
