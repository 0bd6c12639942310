package ddl

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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
	// ranges are the partitions of periods, others counts those of other kinds, which are those by hash where there are
	// such.
	ranges []partition.Range
	others int
	// rest is the default partition, quoted, "" for none.
	rest string
	// held is true where foreign keys keep rows in it.
	held bool
	// userCode is true where code of the user's own may run when rows are written.
	userCode bool
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
	have := &partitioned{strategy: string(row[0]), kind: typemap.ParseType(string(row[2])).Kind, columns: string(row[3]), held: string(row[4]) == "t"}
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
			have.others++
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

// misfit says that the table is not partitioned in the way that the settings ask for, "" if it is. h is nil for one
// that is not partitioned at all.
func (h *partitioned) misfit(by partition.By) string {
	switch {
	case h == nil || !h.fits(by):
		return NotPartitioned
	case by.Hash > 0 && h.others > 0 && h.others != by.Hash:
		return fmt.Sprintf("the table keeps its number of partitions by hash, which is %d: PostgreSQL cannot change it", h.others)
	}
	return ""
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

// free are those of some periods of which no row waits in the default partition that may not leave it.
func (h *partitioned) free(ctx context.Context, conn *pgx.Conn, periods []partition.Period) ([]partition.Period, error) {
	if !h.held || len(periods) == 0 {
		return periods, nil
	}
	asks := make([]string, len(periods))
	for i, p := range periods {
		column := typemap.Quote(h.by[0])
		asks[i] = fmt.Sprintf("EXISTS (SELECT 1 FROM %s WHERE %s >= %s AND %s < %s LIMIT 1)", h.rest,
			column, partition.Bound(h.kind, p.From), column, partition.Bound(h.kind, p.To))
	}
	results, err := pgtx.Script(ctx, conn, []string{"SELECT " + strings.Join(asks, ", ")})
	if err != nil {
		return nil, err
	}
	var free []partition.Period
	for i, waits := range results[0].Rows[0] {
		if string(waits) == "f" {
			free = append(free, periods[i])
		}
	}
	return free, nil
}
