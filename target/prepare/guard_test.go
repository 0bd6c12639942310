package prepare

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/registry"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
)

func TestATableWhosePartsTheServerMakesIsCopiedOnOneConnection(t *testing.T) {
	t.Parallel()
	for name, have := range map[string]*pgcatalog.Table{
		"a hypertable":                        {Kind: "r", Chunked: true},
		"a hypertable with chunks":            {Kind: "r", Chunked: true, Details: pgcatalog.Details{Children: true}},
		"a table that others inherit from":    {Kind: "r", Details: pgcatalog.Details{Children: true}},
		"a table whose trigger routes":        {Kind: "r", Triggers: true, Details: pgcatalog.Details{Routed: true}},
		"a partitioned table":                 {Kind: "p"},
		"a table that Citus distributes":      {Kind: "r", Distributed: true},
		"a table with rows on other servers":  {Kind: "r", Details: pgcatalog.Details{Foreign: []string{"f"}}},
		"a foreign table":                     {Kind: "f"},
		"an ordinary table, for the contrast": {Kind: "r"},
	} {
		s := stream.New(&revision.Spec{Mode: merge.Append}, time.Time{})
		if guarded := (&Preparer{Registry: &registry.Registry{}}).guard(s, have); guarded == strings.Contains(name, "contrast") {
			t.Errorf("%s: copied ahead: %t", name, !guarded)
		}
	}
}

func TestAnIndexIsOverTheRowsOfChunksAndNotOfOtherChildren(t *testing.T) {
	t.Parallel()
	if (&pgcatalog.Table{Kind: "r", Details: pgcatalog.Details{Children: true}}).Covered() || !(&pgcatalog.Table{Kind: "r", Details: pgcatalog.Details{Children: true}, Chunked: true}).Covered() {
		t.Error("the index of a parent is taken for one over its children, or that of a hypertable is not")
	}
	if (&pgcatalog.Table{Kind: "r", Empty: true, Details: pgcatalog.Details{Children: true}}).Blank() || !(&pgcatalog.Table{Kind: "r", Empty: true, Chunked: true}).Blank() {
		t.Error("a table counts as empty whose children may have rows, or one does not that has none")
	}
}

// The errors are those of TimescaleDB 2.28 and Citus 13.2.
func TestNullInTheColumnThatSpreadsTheRowsIsNamed(t *testing.T) {
	t.Parallel()
	for _, said := range []*pgconn.PgError{
		{Code: "23502", Message: `NULL value in column "at" violates not-null constraint`, Routine: "ts_hyperspace_calculate_point"},
		{Code: "22004", Message: "the partition column of table t cannot be NULL", Routine: "CitusCopyDestReceiverReceive"},
	} {
		s := revision.Revision{Spec: &revision.Spec{Name: "t", TableName: "t"}, Table: &revision.Table{Spread: []string{"at"}, Chunked: said.Code == "23502"}}
		e, ok := s.DBError("merge", said).(*failure.Error)
		if !ok || e.Column != "at" || !strings.Contains(e.Reason, "are spread") {
			t.Errorf("%s: %v", said.Code, e)
		}
	}
	other := revision.Revision{Spec: &revision.Spec{Name: "t", TableName: "t"}, Table: &revision.Table{Spread: []string{"at"}, Chunked: true}}
	e, _ := other.DBError("merge", &pgconn.PgError{Code: "23502", ColumnName: "v", TableName: "t"}).(*failure.Error)
	if e.Column != "v" {
		t.Errorf("NULL in another column is said to be in %q", e.Column)
	}
}
