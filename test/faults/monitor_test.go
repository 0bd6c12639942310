//go:build unix

package faults

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience bounds every wait for something that has to happen. It is a safety net: nothing is measured by it.
const patience = 40 * time.Second

// statesChecked and rowsCompared are figures of the whole run.
var statesChecked, rowsCompared atomic.Int64

// monitor reads the tables over a connection of its own, which goes past the proxy.
type monitor struct {
	url, schema string
	mode        mode
	conn        *pgx.Conn
}

func newMonitor(url, schema string, m mode) *monitor {
	return &monitor{url: url, schema: schema, mode: m}
}

// use runs do with the connection. A server that restarts takes the connection with it; then do is run again.
func (m *monitor) use(do func(ctx context.Context, conn *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		err := m.connect(ctx)
		if err == nil {
			err = do(ctx, m.conn)
		}
		if err == nil || ctx.Err() != nil || m.conn != nil && !m.conn.IsClosed() {
			return err
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return err
		}
	}
}

func (m *monitor) connect(ctx context.Context) error {
	if m.conn != nil && !m.conn.IsClosed() {
		return nil
	}
	m.conn = nil
	conn, err := pgx.Connect(ctx, m.url)
	if err != nil {
		return err
	}
	// A check that has to wait for the transaction it is to judge would wait for ever.
	if _, err := conn.Exec(ctx, "SET lock_timeout TO '10s'; SET TimeZone TO 'UTC'; SET DateStyle TO 'ISO'"); err != nil {
		return err
	}
	m.conn = conn
	return nil
}

func (m *monitor) exec(sql string) error {
	return m.use(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sql)
		return err
	})
}

func (m *monitor) close() {
	if m.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = m.conn.Close(ctx)
	}
}

func (m *monitor) table(stream string) string { return pgx.Identifier{m.schema, stream}.Sanitize() }

// rows reads what the checks need of the tables of some streams, all at one instant.
func (m *monitor) rows(streams []string) (map[[2]string][]row, error) {
	live := map[string]string{"history": "_singular_active", "soft_delete": "NOT _singular_deleted", "full_snapshot": "NOT _singular_deleted"}[m.mode.name]
	if live == "" {
		live = "true"
	}
	var parts []string
	for _, s := range m.mode.sources() {
		key := `''`
		if len(s.keys) > 0 {
			key = `concat_ws('/', "` + strings.Join(s.keys, `", "`) + `")`
		}
		for _, stream := range streams {
			if stream == s.name {
				parts = append(parts, fmt.Sprintf("SELECT '%s', %s, rev, %s FROM %s", s.name, key, live, m.table(s.name)))
			}
		}
	}
	found := map[[2]string][]row{}
	if len(parts) == 0 {
		return found, nil
	}
	err := m.use(func(ctx context.Context, conn *pgx.Conn) error {
		clear(found)
		rows, err := conn.Query(ctx, strings.Join(parts, " UNION ALL "), pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			return err
		}
		var r row
		_, err = pgx.ForEachRow(rows, []any{&r.stream, &r.key, &r.rev, &r.live}, func() error {
			at := [2]string{r.stream, r.key}
			found[at] = append(found[at], r)
			return nil
		})
		return err
	})
	return found, err
}

// check says what is missing of what a STATE of that position promises, nothing if all of it is there.
func (m *monitor) check(t *tap, position int) error {
	statesChecked.Add(1)
	if m.mode.replaces() {
		position = len(t.messages) // nothing may leave before readers see all of it
	}
	debts := t.owed(position, m.mode)
	var streams []string
	for _, s := range m.mode.sources() {
		for at, d := range debts {
			if at[0] == s.name && len(d.records) > 0 {
				streams = append(streams, s.name)
				break
			}
		}
	}
	have, err := m.rows(streams)
	if err != nil {
		return fmt.Errorf("read the tables for the STATE of position %d: %w", position, err)
	}
	for at, d := range debts {
		if problem := m.mode.owes(d, have[at]); problem != "" {
			return fmt.Errorf("the STATE of position %d is out, but in %s key %q: %s", position, at[0], at[1], problem)
		}
	}
	if m.mode.replaces() {
		for at, rows := range have {
			if len(rows) > 0 && rows[0].rev < 0 {
				return fmt.Errorf("the STATE of position %d is out, but %s still has rows of the run before", position, at[0])
			}
		}
	}
	return nil
}

// tables lists the tables of the schema.
func (m *monitor) tables() (names []string, err error) {
	err = m.use(func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT tablename::text FROM pg_tables WHERE schemaname = $1 ORDER BY 1", m.schema)
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return names, err
}

// removedNow finds the marks of rows that were removed by the end of a full pass, at the instant of its commit. The
// tap's own are of 2023 and 2024.
var removedNow = regexp.MustCompile(`"_sdc_deleted_at": "(202[5-9]|20[3-9]\d)[^"]*"`)

// dump reads a table whole, one text a row, sorted.
func (m *monitor) dump(stream string) (lines []string, err error) {
	row := "to_jsonb(t)"
	if m.mode.name == "history" && stream == "stock" {
		// Versions that a full pass closes end at the instant of its commit.
		row = "to_jsonb(t) || jsonb_build_object('_singular_end', _singular_end IS NOT NULL)"
	}
	if m.mode.airbyte != nil {
		row = "to_jsonb(t) - '_airbyte_raw_id'" // a random one
	}
	err = m.use(func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, fmt.Sprintf("SELECT (%s)::text FROM %s AS t", row, m.table(stream)), pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			return err
		}
		lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	for i, line := range lines {
		lines[i] = removedNow.ReplaceAllString(line, `"_sdc_deleted_at": "at the commit"`)
	}
	slices.Sort(lines)
	rowsCompared.Add(int64(len(lines)))
	return lines, err
}
