package pgcatalog

import (
	"context"
	_ "embed"
	"regexp"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/pgtx"
)

//go:embed sql/owners.sql
var ownersSQL string

// Owned is a table whose comment says which stream it belongs to.
type Owned struct {
	merge.Name
	Stream string
}

var streamOfComment = regexp.MustCompile(`^Stream (.*), loaded by target-postgres(?:\n|$)`)

// OwnerOf is the stream that a table's comment names, "" if it names none.
func OwnerOf(comment string) string {
	if found := streamOfComment.FindStringSubmatch(comment); found != nil {
		return found[1]
	}
	return ""
}

// Owned are the tables of the database whose comments name their streams and that the role may load, as they were when
// they were read: once, and together with the look at a table that is not there. The error is pgx's.
func (c *Cache) Owned(ctx context.Context, conn *pgx.Conn, begin string) ([]Owned, error) {
	if c.owned == nil {
		results, err := pgtx.Script(ctx, conn, []string{begin, pgtx.Fill(ownersSQL, "", ""), "COMMIT"})
		if err != nil {
			return nil, err
		}
		c.keepOwned(results[len(results)-2].Rows) // of begin there may be several
	}
	return *c.owned, nil
}

// keepOwned remembers what the database said of owned tables.
func (c *Cache) keepOwned(rows [][][]byte) {
	var owned []Owned
	for _, row := range rows {
		if row[0] == nil {
			return // it was not asked
		}
		if stream := OwnerOf(string(row[2])); stream != "" {
			owned = append(owned, Owned{Name: merge.Name{Schema: string(row[0]), Table: string(row[1])}, Stream: stream})
		}
	}
	c.owned = &owned
}
