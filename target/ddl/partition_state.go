package ddl

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/migrate"
	"target-postgres/target/partition"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

//go:embed sql/partitioned.sql
var partitionedSQL string

//go:embed sql/partitions.sql
var partitionsSQL string

//go:embed sql/names_taken.sql
var namesTakenSQL string

// partitioned is how a table is partitioned and what partitions it has, as the database says.
type partitioned struct {
	strategy string
	by       []string
	kind     typemap.Kind
	// columns are those that a row moves with, quoted.
	columns string
	// ranges are the partitions of periods, others is true where there are partitions of other kinds.
	ranges []partition.Range
	others bool
	// rest is the default partition, quoted, "" for none.
	rest string
}

// lookUpPartitioned asks for that, in a transaction that the statements before it begin. It returns nil for a table
// that is not there or not partitioned.
func lookUpPartitioned(ctx context.Context, conn *pgx.Conn, table string, before ...string) (*partitioned, error) {
	results, err := pgtx.Script(ctx, conn, append(before, pgtx.Fill(partitionedSQL, table), pgtx.Fill(partitionsSQL, table)))
	if err != nil {
		return nil, err
	}
	return readPartitioned(results[len(results)-2:]) // a statement before may be several
}

// readPartitioned reads the results of the two queries.
func readPartitioned(results []*pgconn.Result) (*partitioned, error) {
	if len(results[0].Rows) == 0 {
		return nil, nil
	}
	row := results[0].Rows[0]
	have := &partitioned{strategy: string(row[0]), kind: typemap.ParseType(string(row[2])).Kind, columns: string(row[3])}
	if err := json.Unmarshal(row[1], &have.by); err != nil {
		return nil, fmt.Errorf("read how a table is partitioned: %w", err)
	}
	for _, row := range results[1].Rows {
		name, bounds := string(row[0]), string(row[1])
		period, ok := partition.Read(bounds)
		switch {
		case bounds == "DEFAULT":
			have.rest = name
		case ok:
			have.ranges = append(have.ranges, partition.Range{Period: period, Name: name, Made: migrate.IsPartition(string(row[2]))})
		default:
			have.others = true
		}
	}
	return have, nil
}

// fits reports whether the table is partitioned in the way that the settings ask for.
func (h *partitioned) fits(by partition.By) bool {
	if by.Hash > 0 {
		return h.strategy == "h" && slices.Equal(h.by, by.Columns)
	}
	return h.strategy == "r" && slices.Equal(h.by, by.Columns) && partition.Periods(h.kind)
}

// taken asks which of some names a new table of a schema cannot have.
func taken(ctx context.Context, conn *pgx.Conn, schema string, names []string) (map[string]bool, error) {
	wanted, err := json.Marshal(names)
	if err != nil {
		return nil, fmt.Errorf("name partitions: %w", err)
	}
	results, err := pgtx.Script(ctx, conn, []string{pgtx.Fill(namesTakenSQL, schema, string(wanted))})
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, row := range results[0].Rows {
		found[string(row[0])] = true
	}
	return found, nil
}
