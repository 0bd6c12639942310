package migrate

// MadeByUs ends the comment of a table that the program created, madeBeside begins that of one beside a stream's own.
const (
	MadeByUs   = "loaded by target-postgres"
	madeBeside = "target-postgres "
)
