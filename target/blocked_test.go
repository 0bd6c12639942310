package target_test

import (
	"fmt"
	"regexp"
	"testing"

	"target-postgres/internal/pgtest"
	"target-postgres/target/failure"
)

// obstacle is something that keeps PostgreSQL from changing the type of the column v of table t.
type obstacle struct {
	name, before string
	// schema and value are what makes a text or a number of v, want what the error says.
	schema, value string
	want          []string
	// since is the first version of PostgreSQL that knows it.
	since int
	// stays is true where no statement in the error helps.
	stays bool
	// everywhere is true where other tables of the database notice it, so that it needs one of its own.
	everywhere bool
}

const (
	integerTable = "CREATE TABLE t (id bigint PRIMARY KEY, v integer); INSERT INTO t VALUES (1, 7);"
	triggerCode  = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
)

// obstacles lists all that PostgreSQL 13 to 18 refuse another type of a column for.
func obstacles() []obstacle {
	text := func(name, before string, want ...string) obstacle {
		return obstacle{name: name, before: before, schema: stringSchema, value: `"x"`, want: want}
	}
	wider := func(name, before string, want ...string) obstacle {
		return obstacle{name: name, before: before, schema: integerSchema, value: "2147483648", want: want}
	}
	since := func(version int, o obstacle) obstacle {
		o.since = version
		return o
	}
	stays := func(o obstacle) obstacle {
		o.stays = true
		return o
	}
	everywhere := func(o obstacle) obstacle {
		o.everywhere = true
		return o
	}
	return []obstacle{
		text("a view", integerTable+"CREATE VIEW looks AS SELECT v FROM t", "used by a view or rule", "view ", ".looks", "DROP VIEW"),
		wider("a view of a view", integerTable+"CREATE VIEW a AS SELECT id, v FROM t; CREATE VIEW b AS SELECT v FROM a; CREATE MATERIALIZED VIEW c AS SELECT v FROM b",
			".a", ".b", "materialized view ", ".c"),
		text("a view of another column beside it", integerTable+"CREATE VIEW other AS SELECT id FROM t; CREATE VIEW looks AS SELECT v FROM t", ".looks"),
		text("a view of a partition", "CREATE TABLE t (id bigint, v integer) PARTITION BY LIST (id); CREATE TABLE t1 PARTITION OF t DEFAULT; CREATE VIEW part AS SELECT v FROM t1; INSERT INTO t VALUES (1, 7)", ".part"),
		text("a materialized view", integerTable+"CREATE MATERIALIZED VIEW keeps AS SELECT v FROM t", "materialized view ", ".keeps"),
		wider("a generated column", "CREATE TABLE t (id bigint PRIMARY KEY, v integer, more integer GENERATED ALWAYS AS (v / 2) STORED); INSERT INTO t VALUES (1, 7)",
			"generated column more of", "DROP COLUMN more"),
		text("a rule", integerTable+"CREATE TABLE log (v integer); CREATE RULE logs AS ON DELETE TO t DO ALSO INSERT INTO log VALUES (old.v)", "rule logs on", "DROP RULE logs"),
		text("a policy", integerTable+"ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON t USING (v > 0)", "policy mine on", "DROP POLICY mine"),
		text("a trigger of the column", integerTable+triggerCode+"CREATE TRIGGER fires BEFORE UPDATE OF v ON t FOR EACH ROW EXECUTE FUNCTION f()", "trigger fires on", "DROP TRIGGER fires"),
		text("a trigger's condition", integerTable+triggerCode+"CREATE TRIGGER fires BEFORE UPDATE ON t FOR EACH ROW WHEN (new.v > 0) EXECUTE FUNCTION f()", "trigger fires on", "DROP TRIGGER fires"),
		since(14, text("a function", integerTable+"CREATE FUNCTION asks() RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT v FROM t; END", "function ", ".asks()", "DROP FUNCTION")),
		since(14, wider("a procedure", integerTable+"CREATE PROCEDURE does() LANGUAGE sql BEGIN ATOMIC UPDATE t SET v = 1; END", "procedure ", ".does()", "DROP PROCEDURE")),
		since(15, everywhere(text("a publication", integerTable+"ALTER TABLE t REPLICA IDENTITY FULL; CREATE PUBLICATION p FOR TABLE t WHERE (v > 0)", "publication ", "(its row filter or list of columns)", "ALTER PUBLICATION", "DROP TABLE"))),
		text("a foreign key", "CREATE TABLE o (id integer PRIMARY KEY); INSERT INTO o VALUES (7); CREATE TABLE t (id bigint PRIMARY KEY, v integer CONSTRAINT refers REFERENCES o); INSERT INTO t VALUES (1, 7)",
			`foreign key refers of`, "DROP CONSTRAINT refers"),
		text("a foreign key that refers to it", "CREATE TABLE t (id bigint PRIMARY KEY, v integer UNIQUE); CREATE TABLE o (v integer CONSTRAINT refers REFERENCES t (v)); INSERT INTO t VALUES (1, 7)",
			`foreign key refers of`, ".o DROP CONSTRAINT refers"),
		text("a check", "CREATE TABLE t (id bigint PRIMARY KEY, v integer CONSTRAINT positive CHECK (v > 0)); INSERT INTO t VALUES (1, 7)", "check constraint positive", "DROP CONSTRAINT positive"),
		text("an index over an expression", integerTable+"CREATE INDEX halves ON t ((v / 2))", "index ", ".halves", "DROP INDEX"),
		since(14, text("statistics of an expression", integerTable+"CREATE STATISTICS halves ON (v / 2) FROM t", ".halves", "DROP STATISTICS")),
		text("a row type", integerTable+"CREATE TABLE holds (r t)", "holds.r", "DROP COLUMN r"),
		stays(text("a partition key", "CREATE TABLE t (id bigint, v integer) PARTITION BY RANGE (v); CREATE TABLE p PARTITION OF t DEFAULT; INSERT INTO t VALUES (1, 7)",
			"partition key of")),
		stays(wider("an expression of the partition key", "CREATE TABLE t (id bigint, v integer) PARTITION BY LIST ((v / 10)); CREATE TABLE p PARTITION OF t DEFAULT; INSERT INTO t VALUES (1, 7)",
			"partition key of")),
		wider("a parent", "CREATE TABLE parent (v integer); CREATE TABLE t (id bigint PRIMARY KEY) INHERITS (parent); INSERT INTO t (id, v) VALUES (1, 7)", ".parent", "ALTER TABLE"),
		wider("a partitioned table", "CREATE TABLE whole (id bigint, v integer) PARTITION BY LIST (id); CREATE TABLE t PARTITION OF whole DEFAULT; INSERT INTO t VALUES (1, 7)", ".whole", "ALTER TABLE"),
	}
}

// statementsIn finds those that an error recommends.
var statementsIn = regexp.MustCompile(`(?:create it anew|run again): (.*)\)$`)

func TestWhatKeepsAColumnFromAnotherTypeIsNamedAndTheStatementsHelp(t *testing.T) {
	t.Parallel()
	for _, o := range obstacles() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			d, url := look(t), pgtest.LoaderURL(t)
			if o.everywhere {
				url = pgtest.Database(t)
				d = lookInto(t, "public", url)
			}
			if d.one(fmt.Sprintf("SELECT current_setting('server_version_num')::int / 10000 < %d", o.since)) == "t" {
				t.Skipf("PostgreSQL has no such thing before %d", o.since)
			}
			d.run(o.before)
			typ, old := d.typeOf("t", "v"), d.one("SELECT v FROM t")
			messages := []string{
				schemaOf("t", `{"id":{"type":"integer"},"v":`+o.schema+`}`, "id"), record("t", `{"id":2,"v":null}`), stateOf("1"), record("t", `{"id":3,"v":`+o.value+`}`),
				record("t", `{"id":4,"v":null}`), record("t", `{"id":5,"v":`+o.value+`}`), stateOf("2"),
			}
			states, err := load(t, newConfig(t, d.schema, settings{"url": url}), messages...)
			refused(t, err, failure.Configuration, append(o.want, "input line 4", `stream "t"`, `column "v"`, "its type "+typ+" cannot be widened to")...)
			d.want("SELECT id, v FROM t ORDER BY id", "1 | "+old, "2 | ∅")
			if len(states) != 1 || states[0] != "1" {
				t.Errorf("the states are %q, want that of the row before", states)
			}
			d.mustLoad(settings{"url": url, "on_bad_record": "reject"}, messages...)
			d.want("SELECT id, v FROM t ORDER BY id", "1 | "+old, "2 | ∅", "4 | ∅")
			d.want("SELECT line, reason LIKE 'column \"v\": its type "+typ+" cannot be widened to%' FROM _singular_rejected ORDER BY line", "4 | t", "6 | t")
			if got := d.typeOf("t", "v"); got != typ {
				t.Errorf("v became %s", got)
			}
			if err == nil {
				return
			}
			found := statementsIn.FindStringSubmatch(err.Error())
			if o.stays || found == nil {
				if o.stays != (found == nil) {
					t.Errorf("the error is %q, with statements %q", err, found)
				}
				return
			}
			d.run(found[1])
			d.mustLoad(settings{"url": url}, messages[:5]...)
			d.want("SELECT count(*) FROM t WHERE v IS NOT NULL", "2")
		})
	}
}
