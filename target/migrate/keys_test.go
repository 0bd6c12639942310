package migrate

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"target-postgres/merge"
	"target-postgres/target/comments"
	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

func TestATableIsGivenTheKeyOfItsStream(t *testing.T) {
	t.Parallel()
	const add = `ALTER TABLE "s"."t" ADD `
	unique := []string{add + `UNIQUE ("a")`}
	primary := append([]string{add + `PRIMARY KEY ("a")`}, unique...)
	upsert := needs(merge.Upsert, "a bigint", "b bigint").keyedBy("a")
	both := needs(merge.Upsert, "a bigint", "b bigint").keyedBy("a", "b")
	foreign := existing("a bigint", "b bigint")
	foreign.Kind = "f"
	spread := func(by string) *pgcatalog.Table {
		have := existing("a bigint", "b bigint")
		have.Kind, have.Spread = pgcatalog.PartitionedTable, []string{by}
		return have
	}
	tests := []migrates{
		{name: "that it has", have: keyedBy(existing("a bigint!", "b bigint"), "a"), want: upsert},
		{name: "in any order", have: keyedBy(existing("a bigint!", "b bigint!"), "b", "a"), want: both},
		{
			name: "that a unique index says", have: indexed(existing("a bigint!", "b bigint"), pgcatalog.Index{Name: "u", Columns: []string{"a"}, Unique: true}),
			want: upsert,
		},
		{name: "that nobody needs", have: existing("a bigint", "b bigint"), want: needs(merge.Append, "a bigint", "b bigint").keyedBy("a")},
		{name: "that a foreign table cannot have", have: foreign, want: upsert},
		{name: "that a table in partitions by another column cannot have", have: spread("b"), want: upsert},
		{name: "that a table in partitions by an expression cannot have", have: spread(""), want: upsert},
		{name: "that is not over the partitions' column, in a replace", have: spread("b"), want: needs(merge.Replace, "a bigint", "b bigint").keyedBy("a")},
		{name: "over the partitions' column", have: spread("a"), want: upsert, rekey: primary},
		{name: "as its primary key", have: existing("a bigint", "b bigint"), want: upsert, rekey: primary},
		{
			name: "also for a replace", have: existing("a bigint", "b bigint"), want: needs(merge.Replace, "a bigint", "b bigint").keyedBy("a"),
			rekey: primary,
		},
		{
			name: "where an index is not unique", have: indexed(existing("a bigint", "b bigint"), pgcatalog.Index{Name: "i", Columns: []string{"a"}}),
			want: upsert, rekey: primary,
		},
		{
			name: "where it is partial",
			have: indexed(existing("a bigint", "b bigint"), pgcatalog.Index{Name: "i", Columns: []string{"a"}, Unique: true, Predicate: "(b > 0)"}),
			want: upsert, rekey: primary,
		},
		{
			name: "where it is over an expression",
			have: indexed(existing("a bigint", "b bigint"), pgcatalog.Index{Name: "i", Columns: []string{""}, Unique: true, Expressions: true}),
			want: upsert, rekey: primary,
		},
		{
			name: "where it is over more than the key",
			have: indexed(existing("a bigint", "b bigint"), pgcatalog.Index{Name: "i", Columns: []string{"a", "b"}, Unique: true}),
			want: upsert, rekey: primary,
		},
		{
			name: "beside a primary key that is wider", have: keyedBy(existing("a bigint!", "b bigint!"), "a", "b"), want: upsert,
			rekey: unique,
		},
		{
			name: "beside one that the server fills",
			have: with(keyedBy(existing("n bigint!", "a bigint", "b bigint"), "n"), "n", func(c *pgcatalog.Column) { c.Identity = "a" }), want: upsert,
			rekey: unique,
		},
		{
			name: "beside one that is no field of the stream",
			have: with(keyedBy(existing("n bigint!", "a bigint", "b bigint"), "n"), "n", func(c *pgcatalog.Column) { c.Default = true }), want: upsert,
			rekey: unique,
		},
		{
			name: "beside one of the user's that is narrower", have: keyedBy(existing("a bigint!", "b bigint"), "a"), want: both,
			rekey: []string{add + `UNIQUE ("a", "b")`},
		},
		{
			name: "instead of one of ours that is narrower", have: ourKey(keyedBy(existing("a bigint!", "b bigint"), "a")), want: both,
			unkey: []string{"ALTER TABLE \"s\".\"t\"\n    DROP CONSTRAINT \"t_pkey\",\n    ALTER COLUMN \"a\" DROP NOT NULL"},
			notes: []string{`dropped the primary key (a) of "s"."t": the stream's key is (a, b) now`},
			rekey: []string{add + `PRIMARY KEY ("a", "b")`, add + `UNIQUE ("a", "b")`},
		},
		{
			name: "instead of one of ours that is wider", have: ourKey(keyedBy(existing("a bigint!", "b bigint!"), "a", "b")), want: upsert,
			unkey: []string{"ALTER TABLE \"s\".\"t\"\n    DROP CONSTRAINT \"t_pkey\",\n    ALTER COLUMN \"a\" DROP NOT NULL,\n    ALTER COLUMN \"b\" DROP NOT NULL"},
			notes: []string{`dropped the primary key (a, b) of "s"."t": the stream's key is (a) now`},
			rekey: primary,
		},
		{
			name: "instead of another of ours", have: ourKey(keyedBy(existing("a bigint", "b bigint!"), "b")), want: upsert,
			unkey: []string{"ALTER TABLE \"s\".\"t\"\n    DROP CONSTRAINT \"t_pkey\",\n    ALTER COLUMN \"b\" DROP NOT NULL"},
			notes: []string{`dropped the primary key (b) of "s"."t": the stream's key is (a) now`},
			rekey: primary,
		},
		{
			name: "instead of one that came with a table of ours", have: initial(keyedBy(existing("a bigint", "b bigint!"), "b")), want: upsert,
			unkey: []string{"ALTER TABLE \"s\".\"t\"\n    DROP CONSTRAINT \"t_pkey\",\n    ALTER COLUMN \"b\" DROP NOT NULL"},
			notes: []string{`dropped the primary key (b) of "s"."t": the stream's key is (a) now`},
			rekey: primary,
		},
		{
			name: "instead of one that came with a table of another loader", have: withTable(keyedBy(existing("a bigint!", "b bigint"), "a")), want: both,
			unkey: []string{"ALTER TABLE \"s\".\"t\"\n    DROP CONSTRAINT \"t_pkey\",\n    ALTER COLUMN \"a\" DROP NOT NULL"},
			notes: []string{`dropped the primary key (a) of "s"."t": the stream's key is (a, b) now`},
			rekey: []string{add + `PRIMARY KEY ("a", "b")`, add + `UNIQUE ("a", "b")`},
		},
		{
			name: "beside one of another loader that is wider", have: withTable(keyedBy(existing("a bigint!", "b bigint!"), "a", "b")), want: upsert,
			rekey: unique,
		},
		{
			name: "not where one may be checked later",
			have: indexed(existing("a bigint!", "b bigint"), pgcatalog.Index{Name: "t_pkey", Constraint: "t_pkey", Columns: []string{"a"}, Primary: true, Deferrable: true}),
			want: upsert,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.policy = defaultPolicy
			test.run(t)
		})
	}
}

func TestAPrimaryKeyThatForbidsWhatTheModeWritesIsDropped(t *testing.T) {
	t.Parallel()
	const dropped = "ALTER TABLE \"s\".\"t\"\n    DROP CONSTRAINT \"t_pkey\""
	indexes := []string{
		`CREATE UNIQUE INDEX "t_singular_active" ON "s"."t" ("id") WHERE "_singular_active"`,
		`CREATE INDEX "t_singular_key" ON "s"."t" ("id")`,
	}
	versions := func(have *pgcatalog.Table) *pgcatalog.Table {
		have.Columns = append(have.Columns, pgcatalog.Column{Name: ActiveColumn, TypeName: "boolean", NotNull: true, Default: true})
		return have
	}
	history := needs(merge.History, "id bigint").keyedBy("id").own(ActiveColumn, typemap.Bool, "NOT NULL DEFAULT true")
	tests := []migrates{
		{
			name: "append without a key", have: ourKey(keyedBy(existing("id bigint!"), "id")), want: needs(merge.Append, "id bigint"),
			unkey: []string{dropped + ",\n    ALTER COLUMN \"id\" DROP NOT NULL"},
			notes: []string{`dropped the primary key (id) of "s"."t": load mode append without a key may repeat it`},
		},
		{
			name: "append with the key", have: ourKey(keyedBy(existing("id bigint!"), "id")), want: needs(merge.Append, "id bigint").keyedBy("id"),
			unkey: []string{dropped + ",\n    ALTER COLUMN \"id\" DROP NOT NULL"},
			notes: []string{`dropped the primary key (id) of "s"."t": load mode append may repeat it`},
		},
		{name: "not one of the user's", have: keyedBy(existing("id bigint!"), "id"), want: needs(merge.Append, "id bigint")},
		{
			name: "not one that the server fills", have: with(keyedBy(existing("n bigint!", "id bigint"), "n"), "n", func(c *pgcatalog.Column) { c.Identity = "a" }),
			want: needs(merge.Append, "id bigint"),
		},
		{
			name: "history that has its indexes", want: history,
			have: indexed(indexed(versions(existing("id bigint!")), pgcatalog.Index{Name: "one", Columns: []string{"id"}, Unique: true, Predicate: ActiveColumn}), pgcatalog.Index{Name: "all", Columns: []string{"id", "_singular_start"}}),
		},
		{
			name: "history that lost one", want: history,
			have:       indexed(versions(existing("id bigint!")), pgcatalog.Index{Name: "one", Columns: []string{"id"}, Unique: true, Predicate: ActiveColumn}),
			statements: indexes[1:],
		},
		{
			name: "history whose index leads with something else", want: history,
			have:       indexed(indexed(versions(existing("id bigint!")), pgcatalog.Index{Name: "one", Columns: []string{"id"}, Unique: true, Predicate: ActiveColumn}), pgcatalog.Index{Name: "all", Columns: []string{"_singular_start", "id"}}),
			statements: indexes[1:],
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.policy = defaultPolicy
			test.run(t)
		})
	}
}

// ourKey marks the last index as made by the program, initial as made together with a table of ours.
func ourKey(t *pgcatalog.Table) *pgcatalog.Table {
	t.Indexes[len(t.Indexes)-1].Mark = MadeKey
	return t
}

func initial(t *pgcatalog.Table) *pgcatalog.Table {
	t.Comment = "Stream t, " + comments.MadeByUs
	return withTable(t)
}

func withTable(t *pgcatalog.Table) *pgcatalog.Table {
	t.Indexes[len(t.Indexes)-1].Initial = true
	return t
}

func TestTheIndexesOfALongNameAreNamedApart(t *testing.T) {
	t.Parallel()
	want := needs(merge.History, "id bigint").keyedBy("id")
	names, indexName := map[string]bool{}, regexp.MustCompile(`INDEX "[^"]{1,63}" ON`)
	for _, name := range []string{"ein_name_von_genau_dreiundsechzig_bytes_der_keinen_platz_laesst_a", "ein_name_von_genau_dreiundsechzig_bytes_der_keinen_platz_laesst_b"} {
		want.Name = name
		p, err := Diff(nil, want, defaultPolicy)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.After) != 2 {
			t.Fatalf("%q: want two indexes", p.After)
		}
		for _, statement := range p.After {
			names[indexName.FindString(statement)] = true
		}
	}
	if len(names) != 4 {
		t.Errorf("indexes of two tables fall together: %v", slices.Collect(maps.Keys(names)))
	}
}
