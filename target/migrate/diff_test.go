package migrate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// migrates is one comparison of a table with what a stream needs.
type migrates struct {
	name   string
	have   *pgcatalog.Table
	want   TableSpec
	policy config.MigrationPolicy

	statements []string
	unkey      []string
	rekey      []string
	notes      []string
	skipped    []string
	// errors are parts of the error's text, which is expected to be a configuration's.
	errors []string
}

func (test migrates) run(t *testing.T) {
	t.Helper()
	p, err := Diff(test.have, test.want, test.policy)
	if len(test.errors) > 0 {
		var e *failure.Error
		if !errors.As(err, &e) || e.Blame != failure.Configuration {
			t.Fatalf("the error is %v, want one of the configuration", err)
		}
		for _, part := range test.errors {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("the error is %q, want %q in it", err, part)
			}
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if test.have != nil && test.policy.MissingFields == config.DeprecateMissingFields {
		brought := map[string]bool{}
		for _, c := range test.want.Columns {
			brought[c.Name] = true
		}
		settled := Deprecations(test.have, brought)
		p.After, p.Notes = append(p.After, settled.After...), append(p.Notes, settled.Notes...)
	}
	var statements []string
	for _, s := range p.Statements(pgtx.Qualified(test.want.Schema, test.want.Name)) {
		statements = append(statements, strings.ReplaceAll(s, today(), "TODAY"))
	}
	if diff := cmp.Diff(test.statements, statements); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	var unkey []string
	for _, u := range p.Unkey {
		unkey = append(unkey, u.Statement)
		p.NoteDrop(u)
	}
	if diff := cmp.Diff(test.unkey, unkey); diff != "" {
		t.Errorf("unkey (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(test.rekey, p.Rekey); diff != "" {
		t.Errorf("rekey (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(test.notes, append(p.Warnings, p.Notes...)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(test.skipped, p.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if nothing := len(test.statements)+len(test.rekey)+len(test.unkey) == 0; p.Empty() != nothing {
		t.Errorf("empty() is %t and there are %d statements", p.Empty(), len(test.statements))
	}
}

// existing is the table "s"."t" with columns given as "name type", in which a trailing "!" stands for NOT NULL.
func existing(columns ...string) *pgcatalog.Table {
	have := &pgcatalog.Table{Schema: "s", Name: "t", Kind: "r", Owned: true}
	for _, c := range columns {
		name, typ, _ := strings.Cut(c, " ")
		plain, notNull := strings.CutSuffix(typ, "!")
		have.Columns = append(have.Columns, pgcatalog.Column{Name: name, TypeName: plain, NotNull: notNull})
	}
	return have
}

// with changes one column of a table.
func with(t *pgcatalog.Table, name string, change func(*pgcatalog.Column)) *pgcatalog.Table {
	change(t.Column(name))
	return t
}

func commented(comment string) func(*pgcatalog.Column) {
	return func(c *pgcatalog.Column) { c.Comment = comment }
}

// indexed adds an index.
func indexed(t *pgcatalog.Table, i pgcatalog.Index) *pgcatalog.Table {
	t.Indexes = append(t.Indexes, i)
	return t
}

// keyedBy adds a primary key.
func keyedBy(t *pgcatalog.Table, columns ...string) *pgcatalog.Table {
	return indexed(t, pgcatalog.Index{Name: "t_pkey", Constraint: "t_pkey", Columns: columns, Unique: true, Primary: true})
}

// needs is what a stream with these fields, given as "name type", needs of "s"."t".
func needs(mode merge.Mode, fields ...string) TableSpec {
	w := TableSpec{Schema: "s", Name: "t", Mode: mode}
	for _, f := range fields {
		name, typ, _ := strings.Cut(f, " ")
		w.Columns = append(w.Columns, Column{Name: name, Field: name, Type: typemap.ParseType(typ)})
	}
	return w
}

func (s TableSpec) keyedBy(names ...string) TableSpec {
	s.Key = names
	for i := range s.Columns {
		for _, name := range names {
			if s.Columns[i].Name == name {
				s.Columns[i].Clause = "NOT NULL"
			}
		}
	}
	return s
}

func (s TableSpec) change(i int, change func(*Column)) TableSpec {
	change(&s.Columns[i])
	return s
}

func (s TableSpec) own(name string, t typemap.Type, clause string) TableSpec {
	s.Columns = append(s.Columns, Column{Name: name, Type: t, Clause: clause})
	return s
}

var defaultPolicy = config.MigrationPolicy{NewStreams: "activate", NewFields: "add", MissingFields: "deprecate", ChangedTypes: "widen"}

func TestANewStreamIsGivenATable(t *testing.T) {
	t.Parallel()
	many := make([]string, 1601)
	for i := range many {
		many[i] = fmt.Sprintf("c%d text", i)
	}
	withComment := needs(merge.Append, "a text").change(0, func(c *Column) { c.Description = "it's" })
	withComment.Comment = `a "stream"`
	tests := []migrates{
		{
			name: "append without a key", want: needs(merge.Append, "id bigint", "v text"),
			statements: []string{"CREATE TABLE \"s\".\"t\" (\n    \"id\" bigint,\n    \"v\" text\n)"},
			notes:      []string{`created table "s"."t" with 2 columns`},
		},
		{
			name: "append with a key has no primary key", want: needs(merge.Append, "id bigint").keyedBy("id"),
			statements: []string{"CREATE TABLE \"s\".\"t\" (\n    \"id\" bigint NOT NULL\n)"},
			notes:      []string{`created table "s"."t" with 1 columns, key (id)`},
		},
		{
			name: "upsert has one", want: needs(merge.Upsert, "a bigint", "B text").keyedBy("B", "a"),
			statements: []string{"CREATE TABLE \"s\".\"t\" (\n    \"a\" bigint NOT NULL,\n    \"B\" text NOT NULL,\n    PRIMARY KEY (\"B\", \"a\")\n)"},
			notes:      []string{`created table "s"."t" with 2 columns, key (B, a)`},
		},
		{
			name: "replace has one", want: needs(merge.Replace, "id bigint").keyedBy("id"),
			statements: []string{"CREATE TABLE \"s\".\"t\" (\n    \"id\" bigint NOT NULL,\n    PRIMARY KEY (\"id\")\n)"},
			notes:      []string{`created table "s"."t" with 1 columns, key (id)`},
		},
		{
			name: "soft_delete has a mark with a default",
			want: needs(merge.SoftDelete, "id bigint").keyedBy("id").own(DeletedColumn, typemap.Bool, "NOT NULL DEFAULT false"),
			statements: []string{
				"CREATE TABLE \"s\".\"t\" (\n    \"id\" bigint NOT NULL,\n    \"_singular_deleted\" boolean NOT NULL DEFAULT false,\n    PRIMARY KEY (\"id\")\n)",
			},
			notes: []string{`created table "s"."t" with 2 columns, key (id)`},
		},
		{
			name: "history has indexes instead", want: needs(merge.History, "id bigint").keyedBy("id"),
			statements: []string{
				"CREATE TABLE \"s\".\"t\" (\n    \"id\" bigint NOT NULL\n)",
				`CREATE UNIQUE INDEX "t_singular_active" ON "s"."t" ("id") WHERE "_singular_active"`,
				`CREATE INDEX "t_singular_key" ON "s"."t" ("id")`,
			},
			notes: []string{`created table "s"."t" with 1 columns, key (id)`},
		},
		{
			name: "comments are quoted", want: withComment,
			statements: []string{
				"CREATE TABLE \"s\".\"t\" (\n    \"a\" text\n)",
				`COMMENT ON TABLE "s"."t" IS 'a "stream"'`,
				`COMMENT ON COLUMN "s"."t"."a" IS 'it''s'`,
			},
			notes: []string{`created table "s"."t" with 1 columns`},
		},
		{
			name: "unless new_streams is skip", want: needs(merge.Append, "a text"), policy: config.MigrationPolicy{NewStreams: "skip"},
			notes: []string{`skipped: table "s"."t" does not exist and migration_policy.new_streams is skip`},
		},
		{
			name: "or fail", want: needs(merge.Append, "a text"), policy: config.MigrationPolicy{NewStreams: "fail"},
			errors: []string{`"s"."t" does not exist`, "new_streams", "create the table"},
		},
		{name: "or it is too wide", want: needs(merge.Append, many...), errors: []string{"1601 columns", "1600", "deselect fields"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t)
		})
	}
}

func TestANewFieldIsTreatedByPolicy(t *testing.T) {
	t.Parallel()
	described := func(c *Column) { c.Description = "what it is" }
	own := needs(merge.Append, "a text").own(VersionColumn, typemap.BigInt, "").own(DeletedColumn, typemap.Bool, "NOT NULL DEFAULT false")
	var full []string
	for i := range 1599 {
		full = append(full, fmt.Sprintf("c%d text", i))
	}
	tests := []migrates{
		{name: "nothing is new", have: existing("a text"), want: needs(merge.Append, "a text")},
		{
			name: "add", have: existing("a text"), want: needs(merge.Append, "a text", "B bigint", "c jsonb").change(2, described),
			statements: []string{
				"ALTER TABLE \"s\".\"t\"\n    ADD COLUMN \"B\" bigint,\n    ADD COLUMN \"c\" jsonb",
				`COMMENT ON COLUMN "s"."t"."c" IS 'what it is'`,
			},
			notes: []string{`added column "B" bigint to "s"."t"`, `added column "c" jsonb to "s"."t"`},
		},
		{
			name: "skip", have: existing("a text"), want: needs(merge.Append, "a text", "b bigint"), policy: config.MigrationPolicy{NewFields: "skip"},
			notes:   []string{`field "b" left out: "s"."t" has no column for it and migration_policy.new_fields is skip`},
			skipped: []string{"b"},
		},
		{
			name: "fail", have: existing("a text"), want: needs(merge.Append, "a text", "b bigint"), policy: config.MigrationPolicy{NewFields: "fail"},
			errors: []string{`column "b"`, `"s"."t"`, "new_fields is fail", "add the column"},
		},
		{
			name: "our own columns are no fields", have: existing("a text"), want: own, policy: config.MigrationPolicy{NewFields: "fail"},
			statements: []string{"ALTER TABLE \"s\".\"t\"\n    ADD COLUMN \"_sdc_table_version\" bigint,\n    ADD COLUMN \"_singular_deleted\" boolean NOT NULL DEFAULT false"},
			notes:      []string{`added column "_sdc_table_version" bigint to "s"."t"`, `added column "_singular_deleted" boolean to "s"."t"`},
		},
		{
			name: "the last column there is room for", have: existing(full...), want: needs(merge.Append, slices.Concat(full, []string{"last text"})...),
			statements: []string{"ALTER TABLE \"s\".\"t\"\n    ADD COLUMN \"last\" text"},
			notes:      []string{`added column "last" text to "s"."t"`},
		},
		{
			name: "one more than that", have: existing(full...), want: needs(merge.Append, slices.Concat(full, []string{"last text", "more text"})...),
			errors: []string{"1601 columns", "1600"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.policy == (config.MigrationPolicy{}) {
				test.policy = defaultPolicy
			}
			test.run(t)
		})
	}
}

func TestAMissingFieldIsTreatedByPolicy(t *testing.T) {
	t.Parallel()
	want := needs(merge.Append, "a text")
	const old = "deprecated since 2024-05-06"
	tests := []migrates{
		{
			name: "deprecate", have: existing("a text", "B integer"), want: want,
			statements: []string{`COMMENT ON COLUMN "s"."t"."B" IS 'deprecated since TODAY'`},
			notes:      []string{`deprecated column "B" of "s"."t": its field is gone, its data stays`},
		},
		{
			name: "NOT NULL goes and the comment stays", have: with(existing("a text", "b text!"), "b", commented("it's\nold")), want: want,
			statements: []string{
				"ALTER TABLE \"s\".\"t\"\n    ALTER COLUMN \"b\" DROP NOT NULL",
				"COMMENT ON COLUMN \"s\".\"t\".\"b\" IS 'it''s\nold\ndeprecated since TODAY'",
			},
			notes: []string{`column "b" of "s"."t" takes NULL from now on: its field is gone`, `deprecated column "b" of "s"."t": its field is gone, its data stays`},
		},
		{name: "once is enough", have: with(existing("a text", "b text"), "b", commented(old)), want: want},
		{name: "also behind a comment", have: with(existing("a text", "b text"), "b", commented("words\n"+old)), want: want},
		{
			name: "a mark in the middle of a comment is none", have: with(existing("a text", "b text"), "b", commented(old+", they say")), want: want,
			statements: []string{"COMMENT ON COLUMN \"s\".\"t\".\"b\" IS 'deprecated since 2024-05-06, they say\ndeprecated since TODAY'"},
			notes:      []string{`deprecated column "b" of "s"."t": its field is gone, its data stays`},
		},
		{
			name: "one that was made NOT NULL again takes no NULL", have: with(existing("a text", "b text!"), "b", commented(old)), want: want,
			statements: []string{
				"ALTER TABLE \"s\".\"t\"\n    ALTER COLUMN \"b\" DROP NOT NULL",
			},
			notes: []string{`column "b" of "s"."t" takes NULL from now on: its field is gone`},
		},
		{name: "keep", have: existing("a text", "b text!"), want: want, policy: config.MigrationPolicy{MissingFields: config.KeepMissingFields}},
		{
			name: "fail", have: existing("a text", "b text"), want: want, policy: config.MigrationPolicy{MissingFields: "fail"},
			errors: []string{`column "b"`, "missing_fields is fail", "set missing_fields to deprecate"},
		},
		{
			name: "what the server fills was never a field",
			have: with(with(with(with(existing("a text", "g text", "i bigint!", "d text!", "j bigint!"), "g", func(c *pgcatalog.Column) { c.Generated = true }), "i", func(c *pgcatalog.Column) { c.Identity = "a" }), "j", func(c *pgcatalog.Column) { c.Identity = "d" }), "d", func(c *pgcatalog.Column) { c.Default = true }),
			want: want, policy: config.MigrationPolicy{MissingFields: "fail"},
		},
		{
			name: "nor what a loader added", have: existing("a text", "_sdc_batched_at text", "_singular_x text", "_airbyte_raw_id text"),
			want: want, policy: config.MigrationPolicy{MissingFields: "fail"},
		},
		{
			name: "but nothing fills that any more, which takes NULL whatever the policy", have: with(existing("a text", "_airbyte_raw_id text!", "_sdc_x text!"), "_sdc_x", func(c *pgcatalog.Column) { c.Default = true }),
			want: want, policy: config.MigrationPolicy{MissingFields: config.KeepMissingFields},
			statements: []string{"ALTER TABLE \"s\".\"t\"\n    ALTER COLUMN \"_airbyte_raw_id\" DROP NOT NULL"},
			notes:      []string{`column "_airbyte_raw_id" of "s"."t" takes NULL from now on: no record of this run fills it`},
		},
		{
			name: "a field that is back loses the mark", have: with(existing("a text"), "a", commented("it's\n"+old)), want: want,
			statements: []string{`COMMENT ON COLUMN "s"."t"."a" IS 'it''s'`},
			notes:      []string{`column "a" of "s"."t" is back and no longer deprecated`},
		},
		{
			name: "one without another comment loses all of it", have: with(existing("a text"), "a", commented(old)), want: want,
			statements: []string{`COMMENT ON COLUMN "s"."t"."a" IS ''`},
			notes:      []string{`column "a" of "s"."t" is back and no longer deprecated`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.policy == (config.MigrationPolicy{}) {
				test.policy = defaultPolicy
			}
			test.run(t)
		})
	}
}

func TestAColumnIsWidenedWhereItCannotHoldTheField(t *testing.T) {
	t.Parallel()
	asked := func(c *Column) { c.Exact = true }
	declared := func(c *Column) { c.Declared = true }
	const t0 = "ALTER TABLE \"s\".\"t\"\n    "
	tests := []migrates{
		{name: "the same type", have: existing("a bigint"), want: needs(merge.Append, "a bigint")},
		{name: "one that holds more", have: existing("a numeric"), want: needs(merge.Append, "a bigint")},
		{name: "text holds all", have: existing("a text"), want: needs(merge.Append, "a jsonb")},
		{name: "one whose values may fit keeps its type", have: existing("a smallint"), want: needs(merge.Append, "a numeric")},
		{name: "also of points in time", have: existing("a date"), want: needs(merge.Append, "a timestamp with time zone")},
		{name: "also of texts", have: existing("a character varying(5)"), want: needs(merge.Append, "a text")},
		{name: "what only the server knows is left to it", have: existing("a inet", "b mood", "c text[]"), want: needs(merge.Append, "a text", "b text", "c jsonb")},
		{
			name: "until a value comes that does not fit", have: existing("a smallint"), want: needs(merge.Append, "a numeric").change(0, asked),
			statements: []string{t0 + `ALTER COLUMN "a" TYPE numeric`},
			notes:      []string{`widened column "a" of "s"."t" from smallint to numeric`},
		},
		{
			name: "another kind is no reason while values fit", have: existing("a bigint", "b boolean", "c bytea"),
			want: needs(merge.Append, "a text", "b jsonb", "c text"),
		},
		{
			name: "a declaration widens within a family", have: existing("a bigint", "b bigint"),
			want:       needs(merge.Append, "a numeric", "b text").change(0, declared).change(1, declared),
			statements: []string{t0 + `ALTER COLUMN "a" TYPE numeric`},
			notes:      []string{`widened column "a" of "s"."t" from bigint to numeric`},
		},
		{
			name: "another kind of value", have: existing("a bigint", "b boolean"), want: needs(merge.Append, "a text", "b jsonb").change(0, asked).change(1, asked),
			statements: []string{t0 + "ALTER COLUMN \"a\" TYPE text USING \"a\"::text,\n    ALTER COLUMN \"b\" TYPE jsonb USING to_jsonb(\"b\")"},
			notes:      []string{`widened column "a" of "s"."t" from bigint to text`, `widened column "b" of "s"."t" from boolean to jsonb`},
		},
		{
			name: "a timestamp becomes an instant for free", have: existing("a timestamp without time zone"),
			want:       needs(merge.Append, "a timestamp with time zone").change(0, asked),
			statements: []string{t0 + `ALTER COLUMN "a" TYPE timestamp with time zone`},
			notes:      []string{`widened column "a" of "s"."t" from timestamp without time zone to timestamp with time zone`},
		},
		{
			name: "a date is midnight UTC", have: existing("a date"), want: needs(merge.Append, "a timestamp with time zone").change(0, asked),
			statements: []string{t0 + `ALTER COLUMN "a" TYPE timestamp with time zone USING "a"::timestamp AT TIME ZONE 'UTC'`},
			notes:      []string{`widened column "a" of "s"."t" from date to timestamp with time zone`},
		},
		{
			name: "the column's name is quoted wherever it stands", have: existing(`a"b date`), want: needs(merge.Append, `a"b text`).change(0, asked),
			statements: []string{t0 + `ALTER COLUMN "a""b" TYPE text USING to_json("a""b") #>> '{}'`},
			notes:      []string{`widened column "a\"b" of "s"."t" from date to text`},
		},
		{
			name: "a generated column is the server's", have: with(existing("a integer"), "a", func(c *pgcatalog.Column) { c.Generated = true }),
			want: needs(merge.Append, "a text"),
		},
		{
			name: "an identity that is always generated, too", have: with(existing("a integer"), "a", func(c *pgcatalog.Column) { c.Identity = "a" }),
			want: needs(merge.Append, "a text"),
		},
		{
			name: "changed_types is fail", have: existing("a bigint"), want: needs(merge.Append, "a text").change(0, asked), policy: config.MigrationPolicy{ChangedTypes: "fail"},
			errors: []string{`column "a"`, "is bigint, text is needed, and migration_policy.changed_types is fail", "set changed_types to widen"},
		},
		{
			name: "changed_types is fail and nothing has to change", have: existing("a text"), want: needs(merge.Append, "a bigint"),
			policy: config.MigrationPolicy{ChangedTypes: "fail"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.policy == (config.MigrationPolicy{}) {
				test.policy = defaultPolicy
			}
			test.run(t)
		})
	}
}

func TestATableThatCannotBeWhatTheStreamNeedsIsAnError(t *testing.T) {
	t.Parallel()
	view, materialized := existing("a text"), existing("a text")
	view.Kind, materialized.Kind = "v", "m"
	history := existing("id bigint", "_singular_active boolean")
	history.Owned = false
	named := needs(merge.Append, "a text")
	named.Stream, named.Movable = "a.b", true
	for _, test := range []migrates{
		{name: "a view", have: view, want: named, errors: []string{`"s"."t" is a view`, `streams: {"a.b": {"table": "…"}}`}},
		{name: "a materialized view", have: materialized, want: needs(merge.Append, "a text"), errors: []string{"is a materialized view"}},
		{
			name: "versions and another mode in a table that is not ours to alter", have: history, want: needs(merge.Upsert, "id bigint").keyedBy("id"),
			errors: []string{"holds the versions of load mode history", "the load mode is upsert now", "set load_mode back to history"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.policy = defaultPolicy
			test.run(t)
		})
	}
}
