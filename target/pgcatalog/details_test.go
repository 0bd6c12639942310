package pgcatalog_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/target/pgcatalog"
)

// Tables of every kind that has details, and some that have none.
var kinds = []string{
	`CREATE SCHEMA zoo`,
	`SET search_path TO zoo`,
	`CREATE TABLE plain (id bigint PRIMARY KEY, doc jsonb, at timestamptz, name varchar(20))`,
	`CREATE TABLE defaults (id int GENERATED ALWAYS AS IDENTITY, active boolean DEFAULT true, at timestamptz DEFAULT now(), twice int GENERATED ALWAYS AS (1 + 1) STORED)`,
	`CREATE TABLE deferred (id int CONSTRAINT late UNIQUE DEFERRABLE, n int)`,
	`COMMENT ON CONSTRAINT late ON deferred IS 'a mark'`,
	`COMMENT ON COLUMN deferred.n IS 'a column'`,
	`CREATE TABLE indexed (id int, n name)`,
	`CREATE INDEX ON indexed (n) INCLUDE (id)`,
	`CREATE DOMAIN few AS varchar(3)`,
	`CREATE TABLE of_domain (id few)`,
	`CREATE TYPE mood AS ENUM ('sad')`,
	`CREATE TABLE of_enum (id mood)`,
	`CREATE TABLE of_objects (id regclass)`,
	`CREATE TABLE collated (id text COLLATE "C")`,
	`CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
	`CREATE TABLE folded (id text COLLATE folding)`,
	`CREATE FUNCTION own() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; END'`,
	`CREATE FUNCTION own_too(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'`,
	`CREATE TABLE own_default (id int DEFAULT own())`,
	`CREATE TABLE own_check (id int CHECK (id > own()))`,
	`CREATE TABLE own_computed (id int, n int GENERATED ALWAYS AS (own_too(id)) STORED)`,
	`CREATE TABLE own_index (id int)`,
	`CREATE INDEX ON own_index (own_too(id))`,
	`CREATE TABLE own_predicate (id int)`,
	`CREATE UNIQUE INDEX ON own_predicate (id) WHERE own_too(id) > 0`,
	`CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq, COMMUTATOR = ===)`,
	`CREATE TABLE excluding (id int, EXCLUDE USING hash (id WITH =))`,
	`CREATE TABLE triggered (id int PRIMARY KEY)`,
	`CREATE FUNCTION elsewhere() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
	`CREATE TRIGGER t BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION elsewhere()`,
	`CREATE TABLE referenced (id int PRIMARY KEY)`,
	`CREATE TABLE referring (id int REFERENCES referenced ON DELETE CASCADE)`,
	`CREATE TABLE ruled (id int PRIMARY KEY)`,
	`CREATE RULE r AS ON INSERT TO ruled DO ALSO NOTIFY x`,
	`CREATE TABLE secured (id int)`,
	`ALTER TABLE secured ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
	`CREATE TABLE parent (id int)`,
	`CREATE TABLE child () INHERITS (parent)`,
	`CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day)`,
	`CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`,
	`COMMENT ON TABLE parted_1 IS 'Partition of parted, made by target-postgres'`,
	`CREATE FOREIGN DATA WRAPPER nowhere`,
	`CREATE SERVER away FOREIGN DATA WRAPPER nowhere`,
	`CREATE FOREIGN TABLE distant (id int) SERVER away`,
	`CREATE FOREIGN TABLE distant_child () INHERITS (parent) SERVER away`,
	`CREATE VIEW seen AS SELECT * FROM plain`,
	`CREATE MATERIALIZED VIEW kept AS SELECT * FROM plain`,
	`CREATE TABLE granted (id int)`,
	`GRANT SELECT ON granted TO PUBLIC`,
	`CREATE TABLE anothers (id int)`,
}

// The query that every table is read by says which have more to be read. None that has may be missed, by the tables'
// owner or by another role.
func TestNoDetailOfATableIsMissed(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	conn, role := pgtest.ConnectTo(t, database), pgtest.Role(t, database)
	for _, statement := range append(slices.Clone(kinds), `ALTER TABLE anothers OWNER TO `+pgtest.User(t, role)) {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	asked := read(t, conn)
	compare(t, asked, conn)
	other := pgtest.ConnectTo(t, role)
	compare(t, read(t, other), other)
	for name, has := range map[string]func(pgcatalog.Details) bool{
		"own_default": func(d pgcatalog.Details) bool { return d.UserCode },
		"triggered":   func(d pgcatalog.Details) bool { return d.Routed },
		"referenced":  func(d pgcatalog.Details) bool { return d.Referenced },
		"ruled":       func(d pgcatalog.Details) bool { return d.Rules },
		"parent":      func(d pgcatalog.Details) bool { return d.Children && len(d.Foreign) == 1 },
		"parted":      func(d pgcatalog.Details) bool { return d.Made && len(d.Spread) == 1 },
	} {
		if have, _ := asked.Known("zoo", name); !has(have.Details) {
			t.Errorf("%s: %+v", name, have.Details)
		}
	}
	if have, _ := asked.Known("zoo", "plain"); !cmp.Equal(have.Details, pgcatalog.Details{}) {
		t.Errorf("a plain table has details: %+v", have.Details)
	}
}

// read reads all tables.
func read(t *testing.T, conn *pgx.Conn) *pgcatalog.Cache {
	t.Helper()
	cache := pgcatalog.NewCache()
	if _, err := cache.Refresh(t.Context(), conn, pgcatalog.Query{Schema: "zoo", Name: "plain", Whole: 100}); err != nil {
		t.Fatal(err)
	}
	return cache
}

// compare compares tables as they were read with what they are if details are read of all.
func compare(t *testing.T, asked *pgcatalog.Cache, conn *pgx.Conn) {
	t.Helper()
	all := read(t, conn)
	names := all.Names("zoo")
	if len(names) < 30 {
		t.Errorf("only %d tables were read", len(names))
	}
	if err := pgcatalog.RefreshDetails(all, t.Context(), conn, pgcatalog.Query{Schema: "zoo"}, names); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		have, _ := asked.Known("zoo", name)
		want, _ := all.Known("zoo", name)
		if want == nil {
			t.Errorf("%s has no details", name)
			continue
		}
		if len(want.Foreign) == 0 { // then nobody asks
			have.ForeignTruncate, want.ForeignTruncate = false, false
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s (- all details, + as read):\n%s", name, diff)
		}
	}
}
