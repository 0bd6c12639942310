//go:build unix

package e2e

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgserver"
	"target-postgres/internal/pgtest"
)

// requireFDW makes the tests of tables on other servers fail instead of skip where the server has no postgres_fdw: set
// TARGET_POSTGRES_TEST_FDW=require.
const requireFDW = "TARGET_POSTGRES_TEST_FDW"

// cluster is a server that is loaded into and two others that hold what its foreign tables show.
type cluster struct {
	// main is the URL of the first, shards those of the others.
	main    string
	shards  [2]string
	servers [2]*pgserver.Server
	// conn is connected to the first, over to the others.
	conn *pgx.Conn
	over [2]*pgx.Conn
}

// newCluster starts the two servers and introduces them to a database of the shared one.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{main: pgtest.Database(t)}
	c.conn = pgtest.ConnectTo(t, c.main)
	if _, err := c.conn.Exec(t.Context(), "CREATE EXTENSION postgres_fdw"); err != nil {
		if os.Getenv(requireFDW) == "require" {
			t.Fatalf("no postgres_fdw, which this run requires: %v", err)
		}
		t.Skipf("TABLES ON OTHER SERVERS ARE NOT TESTED, no postgres_fdw: %v", err)
	}
	for i := range c.shards {
		// A crash takes nothing with it that was committed.
		c.servers[i] = pgtest.Server(t, map[string]string{"synchronous_commit": "on"})
		c.shards[i] = c.servers[i].URL
		c.over[i] = pgtest.ConnectTo(t, c.shards[i])
		u, err := url.Parse(c.shards[i])
		if err != nil {
			t.Fatal(err)
		}
		password, _ := u.User.Password()
		c.exec(t, c.conn, fmt.Sprintf(`CREATE SERVER shard%d FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s', port '%s', dbname 'postgres');
			CREATE USER MAPPING FOR CURRENT_USER SERVER shard%[1]d OPTIONS (user '%[4]s', password '%[5]s')`,
			i, u.Hostname(), u.Port(), u.User.Username(), password))
	}
	return c
}

func (c *cluster) exec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatalf("%v in\n%s", err, sql)
	}
}

// table makes schema.t, whose columns are those given, partitioned in some way; the bounds are of its two partitions,
// each on a server of its own.
func (c *cluster) table(t *testing.T, schema, columns, by string, bounds [2]string) {
	t.Helper()
	c.exec(t, c.conn, fmt.Sprintf("CREATE SCHEMA %s; CREATE TABLE %[1]s.t (%s) PARTITION BY %s", schema, columns, by))
	for i, bound := range bounds {
		// Both servers have rows of every test, each in a table named after its schema.
		c.exec(t, c.over[i], fmt.Sprintf("CREATE TABLE %s (%s)", schema, columns))
		c.exec(t, c.conn, fmt.Sprintf("CREATE FOREIGN TABLE %s.t%d PARTITION OF %[1]s.t FOR VALUES %[3]s SERVER shard%[2]d OPTIONS (schema_name 'public', table_name '%[1]s')",
			schema, i, bound))
	}
}

// rowsOf returns the rows of a table as text, in order.
func rowsOf(t *testing.T, conn *pgx.Conn, table string) []string {
	t.Helper()
	got, err := conn.Query(t.Context(), "SELECT t::text FROM "+table+" AS t ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := pgx.CollectRows(got, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		rows[i] = commitTime.ReplaceAllString(row, "now")
	}
	return rows
}

// commitTime is an instant that the server gave.
var commitTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00`)

// places says in which rows of the servers' own tables something was written, by their physical places.
func (c *cluster) places(t *testing.T, schema string) string {
	t.Helper()
	var all []string
	for i, conn := range c.over {
		got, err := conn.Query(t.Context(), "SELECT ctid::text || ' ' || xmin::text || ' ' || xmax::text FROM "+schema+" ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := pgx.CollectRows(got, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			t.Errorf("server %d has no rows of %s", i, schema)
		}
		all = append(all, rows...)
	}
	return strings.Join(all, "\n")
}
