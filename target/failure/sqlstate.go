package failure

import "github.com/jackc/pgerrcode"

// The SQLSTATEs for which pgerrcode has no name.
const (
	// TransactionTimeout is that of a transaction that transaction_timeout has ended, from PostgreSQL 17 on.
	TransactionTimeout = "25P04"
	// KeyLacksDimension is TimescaleDB's: a key lacks the column that the table is partitioned by.
	KeyLacksDimension = "TS103"
)

// Untranslatable reports whether the server refused a character that the database's encoding lacks.
func Untranslatable(err error) bool {
	code := SQLState(err)
	return code == pgerrcode.UntranslatableCharacter || code == pgerrcode.CharacterNotInRepertoire
}
