package revision

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
)

// TestConstraintsOfPartsAreThoseOfTheirTable has errors as TimescaleDB 2.28.3 and PostgreSQL 15 say them.
func TestConstraintsOfPartsAreThoseOfTheirTable(t *testing.T) {
	t.Parallel()
	const long = "a_unique_index_whose_name_has_almost_as_many_letters_as_names_may"
	chunk := func(code, constraint, routine string) pgconn.PgError {
		return pgconn.PgError{Code: code, Routine: routine, ConstraintName: constraint, SchemaName: "_timescaledb_internal", TableName: "_hyper_4_7_chunk"}
	}
	part := pgconn.PgError{Code: "23505", Routine: "_bt_check_unique", ConstraintName: "t_1_id_at_idx", SchemaName: "public", TableName: "t_1"}
	ofTrigger := pgconn.PgError{
		Code: "23505", Routine: "_bt_check_unique", ConstraintName: "log_pkey", SchemaName: "public", TableName: "log",
		Where: "SQL statement \"INSERT INTO log VALUES (1)\"\nPL/pgSQL function note() line 1 at SQL statement\nCOPY t, line 1",
	}
	for name, test := range map[string]struct {
		err          pgconn.PgError
		kind         rune
		reason, hint string
	}{
		"an index of a chunk":          {chunk("23505", "_hyper_4_7_chunk_uu", "_bt_check_unique"), 'c', `the unique constraint "uu" of "t"`, `DROP INDEX "public"."uu"`},
		"a constraint of a chunk":      {chunk("23505", "7_kk", "_bt_check_unique"), 'c', `the unique constraint "kk" of "t"`, `ALTER TABLE "public"."t" DROP CONSTRAINT "kk"`},
		"a name that was cut":          {chunk("23505", "7_"+long[:61], "_bt_check_unique"), 'c', `of "_hyper_4_7_chunk"`, `if it belongs to one of "public"."t", drop that one`},
		"a check":                      {chunk("23514", "t_v_check", "ExecConstraints"), 'c', `the check constraint "t_v_check" of "t"`, ""},
		"a foreign key":                {chunk("23503", "t_id_fkey", "ri_ReportViolation"), 'c', `the foreign key "t_id_fkey" of "t"`, "load the referenced stream first"},
		"NULL":                         {pgconn.PgError{Code: "23502", Routine: "ExecConstraints", ColumnName: "v", SchemaName: "_timescaledb_internal", TableName: "_hyper_4_7_chunk"}, 'c', `NULL in column "v" of "t"`, "NOT NULL"},
		"an index of a partition":      {part, 'p', `the unique constraint "t_1_id_at_idx" of "t_1"`, `if it belongs to one of "public"."t", drop that one`},
		"a table that a trigger fills": {ofTrigger, 'p', `the unique constraint "log_pkey" of "log"`, `ALTER TABLE "public"."log" DROP CONSTRAINT`},
		"a table without parts":        {part, 'r', `the unique constraint "t_1_id_at_idx" of "t_1"`, `DROP INDEX "public"."t_1_id_at_idx"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := &pgcatalog.Table{
				Kind: pgcatalog.OrdinaryTable, Columns: []pgcatalog.Column{{Name: "id"}, {Name: "at", NotNull: true}, {Name: "v", NotNull: true}},
				Indexes: []pgcatalog.Index{{Name: "uu"}, {Name: "kk"}, {Name: long}}, Chunked: test.kind == 'c',
			}
			if test.kind == 'p' {
				have.Kind = pgcatalog.PartitionedTable
			}
			spec := &Spec{Name: "t", SchemaName: "public", TableName: "t"}
			s := &Revision{Spec: spec, Table: Locate(spec, have)}
			e, ok := errors.AsType[*failure.Error](s.DBError("load", &test.err))
			if !ok || !strings.Contains(e.Reason, test.reason) || !strings.Contains(e.Hint, test.hint) {
				t.Errorf("%q, hint %q; want %q, hint %q", e.Reason, e.Hint, test.reason, test.hint)
			}
		})
	}
}
