package failure

import (
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
)

// The server's functions that refuse a size. Their names are the same in every language.
var (
	ofIndexEntry = []string{"_bt_check_third_page", "index_form_tuple", "index_form_tuple_context", "hashinsert", "_hash_doinsert", "gistSplit", "gistFormTuple", "GinFormTuple", "spgdoinsert", "brin_doinsert"}
	ofRow        = []string{"RelationGetBufferForTuple", "raw_heap_insert", "heap_multi_insert", "heap_insert"}
)

// hintForSize says what helps where a row or a value is larger or deeper than PostgreSQL allows.
func hintForSize(pg *pgconn.PgError) string {
	const reject = "or set on_bad_record to reject"
	switch {
	case pg.Code == pgerrcode.StatementTooComplex:
		return "flatten the value at its source, raise the server's max_stack_depth, " + reject
	case slices.Contains(ofIndexEntry, pg.Routine):
		return "index less of the value, an MD5 hash of it say, " + reject
	case slices.Contains(ofRow, pg.Routine):
		return "a row has to fit one page, without its long texts: leave out fields or put many of them into one of jsonb, " + reject
	default:
		return "shorten the value at its source, " + reject
	}
}
