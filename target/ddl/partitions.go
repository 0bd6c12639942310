package ddl

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/partition"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// The setting partition_by: partitions are made in transactions of their own, under the lock that other loaders of the
// table wait for, before the rows that need them are written. Readers of the table wait only while the default
// partition is looked through. (docs/adr/0028-partitions-before-rows.md)

//go:embed sql/move_rows.sql
var moveRowsSQL string

// PartitionSpec is what a run asks of the partitions of a table.
type PartitionSpec struct {
	// Start is when the run began.
	Start time.Time
	// Periods are those that rows need.
	Periods []partition.Period
	// Begins is true before the first row: the table gets the partitions that do not depend on the rows.
	Begins bool
	// Left is how many partitions of periods the run may still make, 0 for none.
	Left int
	// UserCode is true where code of the user's own may run when rows are written.
	UserCode bool
	// Ahead is true where rows before those that need the partitions are still being written: a lock that is not free
	// soon is an error with the SQLSTATE lock_not_available.
	Ahead bool
}

// partitionsOf makes the name of the lock under which the partitions of a table are made. It is not that of merges: a
// batch before may have locked the default partition and come to need that one.
const partitionsOf = "\x00partitions"

// Soon bounds the waits for locks ahead of a turn. Those who read the default partition wait behind us meanwhile.
const Soon = "SET LOCAL lock_timeout TO '50ms'"

// Unflushed has COMMIT not wait until the disk has what was made for rows to come: the COMMIT of the rows waits for all
// that is before it in the server's log.
const Unflushed = "SET LOCAL synchronous_commit TO off"

// Partitions are what was done to those of a table.
type Partitions struct {
	// Made counts those of periods. Beyond counts those that would have been more than the run may make.
	Made, Beyond int
	// Moved counts the rows that have left the default partition.
	Moved int64
	// Held counts the periods that have no partition because rows of them may not leave the default partition.
	Held  int
	names []string
	// Misfit says that the table is not partitioned in the way that the settings ask for, "" if it is.
	Misfit string
	// Have are the partitions of periods that were there before.
	Have []partition.Range
}

// Told says what was made, "" for nothing.
func (p Partitions) Told(table string) string {
	if len(p.names) == 0 {
		return ""
	}
	const several = 12
	names := p.names
	if len(names) > several {
		names = []string{names[0], "…", names[len(names)-1]}
	}
	said := fmt.Sprintf("made %d partitions of %s: %s", len(p.names), table, strings.Join(names, ", "))
	if len(p.names) == 1 {
		said = fmt.Sprintf("made a partition of %s: %s", table, p.names[0])
	}
	if p.Moved > 0 {
		said += fmt.Sprintf("; rows moved from the default partition: %d", p.Moved)
	}
	return said
}

// MakePartitions makes the partitions of a table that are missing, in a transaction of its own. Where foreign keys
// refer to rows that wait in the default partition, those stay there, and only other periods get partitions. Where
// another session brings rows of a period into the default partition meanwhile, it is locked before the rows move.
func (m *Migrator) MakePartitions(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, spec PartitionSpec) (Partitions, error) {
	var how rowsMove
	for {
		done, err := m.makePartitions(ctx, conn, want, spec, how)
		switch code := failure.SQLState(err); {
		case conn.IsClosed():
			return done, err
		case code == pgerrcode.ForeignKeyViolation && !how.held:
			how.held = true
		case code == pgerrcode.CheckViolation && !how.alone:
			how.alone = true
		default:
			return done, err
		}
	}
}

// rowsMove is how rows leave the default partition, as an attempt that failed has shown it: held where foreign keys
// keep some, alone where nobody else may use the default partition from the first row on.
type rowsMove struct{ held, alone bool }

func (m *Migrator) makePartitions(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, spec PartitionSpec, how rowsMove) (done Partitions, err error) {
	table := pgtx.Qualified(want.Schema, want.Name)
	err = pgtx.CarryThrough(ctx, conn, func() error {
		before := []string{m.config.Begin(), Unflushed, pgtx.AdvisoryLock(pgtx.LockKey(want.Schema, want.Name+partitionsOf))}
		if spec.Ahead {
			before = slices.Insert(before, 1, Soon)
		}
		have, err := lookUpPartitioned(ctx, conn, table, before...)
		if err != nil {
			return err
		}
		if have != nil {
			have.userCode = spec.UserCode
		}
		if done.Misfit = have.misfit(want.Partition); done.Misfit != "" {
			return nil
		}
		have.held = have.held || how.held
		p, err := planPartitions(ctx, conn, want, have, spec)
		if err != nil || len(p.statements) == 0 {
			done.Beyond, done.Held, done.Have = p.beyond, p.held, have.ranges
			return err
		}
		done = Partitions{Made: p.made, Beyond: p.beyond, Held: p.held, names: p.names, Have: have.ranges}
		if how.alone && have.rest != "" {
			p.statements = slices.Insert(p.statements, 0, "LOCK TABLE "+have.rest+" IN ACCESS EXCLUSIVE MODE")
		}
		return m.runPartitions(ctx, conn, table, p.statements, &done)
	})
	return done, err
}

// partitionPlan are the statements that make partitions.
type partitionPlan struct {
	statements         []string
	names              []string
	made, beyond, held int
}

// runPartitions carries a plan out.
func (m *Migrator) runPartitions(ctx context.Context, conn *pgx.Conn, table string, statements []string, done *Partitions) error {
	// The lock keeps others from changing the columns of the table while rows move. They may read and write, and vacuum
	// its other partitions.
	results, err := m.script(ctx, conn, append([]string{"LOCK TABLE ONLY " + table + " IN SHARE UPDATE EXCLUSIVE MODE"}, statements...))
	if err != nil {
		return err
	}
	for _, result := range results {
		if result.CommandTag.Insert() {
			done.Moved += result.CommandTag.RowsAffected()
		}
	}
	return nil
}

// newPartition is one that is to be made.
type newPartition struct {
	suffix, bounds string
	period         partition.Period
	// rest is true for the default partition, hashed for one by hash.
	rest, hashed bool
}

// planPartitions plans those that a table lacks.
func planPartitions(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, have *partitioned, spec PartitionSpec) (p partitionPlan, err error) {
	var all []newPartition
	by := want.Partition
	if by.Hash > 0 {
		for n := range by.Hash {
			all = append(all, newPartition{suffix: "_" + strconv.Itoa(n), hashed: true, bounds: fmt.Sprintf("FOR VALUES WITH (MODULUS %d, REMAINDER %d)", by.Hash, n)})
		}
		if !spec.Begins || have.others > 0 || have.rest != "" {
			all = nil
		}
	} else {
		if have.rest == "" && spec.Begins {
			all = append(all, newPartition{suffix: "_default", rest: true, bounds: "DEFAULT"})
		}
		periods := spec.Periods
		if spec.Begins {
			periods = slices.Concat(periods, by.Early(spec.Start))
		}
		lacking := partition.Lacking(periods, have.ranges)
		free, err := have.free(ctx, conn, lacking)
		if err != nil {
			return p, err
		}
		p.held, lacking = len(lacking)-len(free), free
		few := partition.Nearest(lacking, spec.Left, spec.Start)
		p.made, p.beyond = len(few), len(lacking)-len(few)
		for _, period := range few {
			bounds := fmt.Sprintf("FOR VALUES FROM (%s) TO (%s)", partition.Bound(have.kind, period.From), partition.Bound(have.kind, period.To))
			all = append(all, newPartition{suffix: by.Every.Suffix(period), bounds: bounds, period: period})
		}
	}
	return p, p.name(ctx, conn, want, have, all)
}

// name gives the partitions names that are free, and writes the statements that make them.
func (p *partitionPlan) name(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, have *partitioned, all []newPartition) error {
	if len(all) == 0 {
		return nil
	}
	var candidates []string
	for _, one := range all {
		candidates = append(candidates, partition.Names(want.Name, one.suffix)...)
	}
	used, err := taken(ctx, conn, want.Schema, candidates)
	if err != nil {
		return err
	}
	for _, one := range all {
		name := partition.Free(partition.Names(want.Name, one.suffix), func(name string) bool { return used[name] })
		if name == "" {
			continue // the rows stay in the default partition
		}
		used[name] = true
		p.names = append(p.names, name)
		p.statements = append(p.statements, one.statements(want, have, pgtx.Qualified(want.Schema, name))...)
	}
	return nil
}

// statements make one partition. That of a period is made apart from the table and attached, so that the
// others can be read meanwhile.
func (n newPartition) statements(want migrate.TableSpec, have *partitioned, name string) []string {
	table := pgtx.Qualified(want.Schema, want.Name)
	comment := fmt.Sprintf("COMMENT ON TABLE %s IS %s", name, pgtx.Literal(migrate.PartitionComment(table)))
	if n.rest || n.hashed {
		return []string{fmt.Sprintf("CREATE TABLE %s PARTITION OF %s %s", name, table, n.bounds), comment}
	}
	statements := []string{
		fmt.Sprintf("CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING IDENTITY EXCLUDING COMMENTS EXCLUDING STATISTICS)", name, table),
		comment,
	}
	if have.rest != "" {
		move := strings.NewReplacer("$1", have.rest, "$2", name, "$3", have.columns, "$4", typemap.Quote(want.Partition.Columns[0]),
			"$5", partition.Bound(have.kind, n.period.From), "$6", partition.Bound(have.kind, n.period.To)).Replace(withoutComment(moveRowsSQL))
		moves := []string{move}
		if have.userCode {
			moves = merge.UnderRolePath(move)
		}
		statements = append(statements, moves...)
	}
	return append(statements, fmt.Sprintf("ALTER TABLE %s ATTACH PARTITION %s %s", table, name, n.bounds))
}

// withoutComment is SQL without the lines before it that say what it does.
func withoutComment(sql string) string {
	lines := strings.Split(strings.TrimSpace(sql), "\n")
	for len(lines) > 0 && strings.HasPrefix(lines[0], "--") {
		lines = lines[1:]
	}
	return strings.Join(lines, "\n")
}
