package ddl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/migrate"
	"target-postgres/target/partition"
	"target-postgres/target/pgtx"
)

// DetachPartitions detaches the partitions of a table that the program made and that are older than what is kept, in a
// transaction of its own. They stay as tables. It returns their names, quoted. Readers and writers of the table wait,
// or are waited for: PostgreSQL detaches CONCURRENTLY only where there is no default partition. only names one of them,
// "" all. The names are also those that an error kept from being detached.
func (m *Migrator) DetachPartitions(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, start time.Time, only string) (names []string, err error) {
	table := pgtx.Qualified(want.Schema, want.Name)
	err = pgtx.CarryThrough(ctx, conn, func() error {
		have, err := lookUpPartitioned(ctx, conn, table, m.config.Begin(), pgtx.AdvisoryLock(pgtx.LockKey(want.Schema, want.Name)))
		if err != nil || have == nil || !have.fits(want.Partition) {
			return err
		}
		var statements []string
		old := slices.DeleteFunc(want.Partition.Old(start, have.ranges), func(one partition.Range) bool { return only != "" && one.Name != only })
		statements, names = detaching(table, old)
		if len(statements) == 0 {
			return nil
		}
		_, err = m.script(ctx, conn, statements)
		return err
	})
	return names, err
}

func detaching(table string, old []partition.Range) (statements, names []string) {
	for _, one := range old {
		statements = append(statements, fmt.Sprintf("ALTER TABLE %s DETACH PARTITION %s", table, one.Name))
		names = append(names, one.Name)
	}
	return statements, names
}

// ToldDetached says which partitions were detached.
func ToldDetached(table string, names []string) string {
	return fmt.Sprintf("detached partitions of %s, which stay as tables: %s", table, strings.Join(names, ", "))
}

// ShowPartitions prints what a table gets before the first row, and changes nothing.
func (m *Migrator) ShowPartitions(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, spec PartitionSpec) error {
	table := pgtx.Qualified(want.Schema, want.Name)
	have, err := lookUpPartitioned(ctx, conn, table, m.config.Begin())
	defer pgtx.Rollback(ctx, conn)
	if err != nil {
		return err
	}
	plan := &migrate.Plan{}
	known, _ := m.cache.Known(want.Schema, want.Name)
	misfit := have.misfit(want.Partition)
	switch {
	case misfit != "" && (have != nil || known != nil):
		plan.Warnings = append(plan.Warnings, misfit)
	default:
		if have == nil {
			have = &partitioned{strategy: "r", kind: want.Partition.Kind}
		}
		p, err := planPartitions(ctx, conn, want, have, spec)
		if err != nil {
			return err
		}
		detach, _ := detaching(table, want.Partition.Old(spec.Start, have.ranges))
		plan.Partitions = slices.Concat(p.statements, detach)
		if want.Partition.Every != "" {
			plan.Notes = append(plan.Notes, "partitions that the rows need are made while they are loaded")
		}
	}
	return m.show(want, plan)
}

// NotPartitioned is the warning about a table that partition_by comes too late for.
const NotPartitioned = "the existing table is not partitioned as partition_by asks for: it stays as it is"
