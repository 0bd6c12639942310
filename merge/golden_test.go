package merge

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/pgtest"
	"target-postgres/typemap"
)

var update = flag.Bool("update", false, "write the golden files anew")

// nasty is a job whose names are those that SQL written by hand trips over.
func nasty(mode Mode, schema string, columns ...Column) Job {
	id := Column{Name: "Id", Type: typemap.BigInt}
	line := Column{Name: "row_number", Type: typemap.Text}
	job := Job{
		Mode: mode, Target: Name{Schema: schema, Table: `a "target"`}, Staged: Name{Schema: "pg_temp", Table: "staged"},
		Key:     []Column{id, line},
		Columns: append([]Column{id, line}, columns...),
		Present: "present", Gone: "gone", At: "at", Deleted: "deleted", Start: "start", End: "end", Active: "active",
	}
	return job
}

func nastyColumns() []Column {
	return []Column{
		{Name: `say "hi"`, Type: typemap.Text},
		{Name: "excluded", Type: typemap.Numeric},
		{Name: "s", Type: typemap.JSON},
		{Name: "t", Type: typemap.ParseType("text[]")},
		{Name: "🚚; --", Type: typemap.Bool},
		{Name: "_n", Type: typemap.JSONB},
		{Name: "%s$1", Type: typemap.ParseType("interval")},
		{Name: "_sdc_deleted_at", Type: typemap.TimestampTZ},
		{Name: "_sdc_extracted_at", Type: typemap.TimestampTZ},
		{Name: "_sdc_table_version", Type: typemap.BigInt},
	}
}

// golden are the cases of the golden files: what is rendered, and for which job.
func golden(schema string) map[string]struct {
	job    Job
	render func(Job) ([]Statement, error)
} {
	type goldenCase = struct {
		job    Job
		render func(Job) ([]Statement, error)
	}
	full := func(mode Mode, change ...func(*Job)) goldenCase {
		job := nasty(mode, schema, nastyColumns()...)
		job.Untracked, job.Version, job.Marks = []string{"_sdc_extracted_at"}, "_sdc_table_version", []string{"_sdc_deleted_at"}
		for _, c := range change {
			c(&job)
		}
		return goldenCase{job, Load}
	}
	short := func(mode Mode, change ...func(*Job)) goldenCase {
		c := full(mode, change...)
		c.job.Columns, c.job.Marks, c.job.Untracked, c.job.Version = c.job.Columns[:4], nil, nil, ""
		return c
	}
	by := func(render func(Job) ([]Statement, error), c goldenCase) goldenCase {
		c.render = render
		return c
	}
	seen := Name{Schema: schema, Table: "seen"}
	unseen := func(job Job) ([]Statement, error) { return RemoveUnseen(job, seen) }
	remember := func(job Job) ([]Statement, error) { return Remember(job, seen) }
	superseded := func(job Job) ([]Statement, error) {
		return KeepSuperseded(job, Superseded{Name: Name{Schema: schema, Table: "superseded"}, Former: []Column{{Name: "gone's"}}, Brought: "brought"})
	}
	versions := func(job Job) ([]Statement, error) { return RemoveVersions(job, 5) }
	lookUp := func(job Job) ([]Statement, error) {
		l, err := LookUp(job, Name{Schema: "pg_temp", Table: "staged_keys"})
		return []Statement{{SQL: l.Create}, {SQL: l.Query}}, err
	}
	unique := func(j *Job) { j.Unique = true }
	hard := func(j *Job) { j.HardDelete = true }
	duplicates := func(j *Job) { j.Has.Duplicates = true }
	patched := func(j *Job) { j.Has.Patched = true }
	removed := func(j *Job) { j.Has.Removed = true }
	ordered := func(j *Job) { j.Order = []string{"excluded", "_sdc_extracted_at"} }
	nullKeys := func(j *Job) { j.NullKeys = true }
	referenced := func(j *Job) { j.Referenced = true }
	keyless := func(j *Job) { j.Key = nil }
	staging := func(j *Job) { j.Staged.Schema = schema }
	foreign := func(j *Job) { j.Place, j.NoTruncate = Foreign, true }
	citus := func(j *Job) { j.Place, j.Unique = Distributed, true }
	reference := func(j *Job) { j.Place, j.Unique = Replicated, true }
	moving := func(j *Job) { j.Spread = []string{`say "hi"`} }
	identity := func(j *Job) {
		j.Columns[3].Identity, j.Columns[3].Always, j.Columns[3].Type = true, true, typemap.BigInt
	}
	unnumbered := func(j *Job) { j.Has.Unnumbered = true }
	unavailable := func(j *Job) {
		j.Has.Patched, j.Has.Unavailable = true, true
		j.Meta, j.Fields = "_n", []string{"Id", "line", "it's", `b\s`, "excluded"}
	}
	tombstones := func(j *Job) {
		j.Order, j.Tombstones = []string{"excluded"}, Name{Schema: schema, Table: "tombstones"}
	}
	loose := func(j *Job) { j.Order, j.Loose = []string{"_sdc_table_version", "excluded"}, true }
	keeps := func(j *Job) { j.IgnoreConflicts = true }
	only := func(j *Job) { j.IgnoreMissing = true }
	filled := func(j *Job) { j.Fill = "excluded" }
	userCode := func(j *Job) { j.UserCode = true }
	elsewhere := func(j *Job) {
		j.Key = slices.Clone(j.Key)
		j.Key[1].Type = typemap.ParseType(`"x)".citext`)
		j.Key[1].Type.Equality = `OPERATOR("x)".=)`
	}
	spelled := func(j *Job) { j.Columns[0].Type = typemap.Numeric }
	late := func(j *Job) { j.InsertLate = true }
	hashed := func(j *Job) { j.Hash = "hash" }
	sliced := func(j *Job) { j.Slice = Slice{Columns: []string{"excluded", `say "hi"`}} }
	ranged := func(j *Job) { j.Slice = Slice{Columns: []string{"excluded"}, Range: true} }
	byID := func(j *Job) { j.Slice.Columns = []string{"Id"} }
	brought := func(j *Job) { j.Slice.Brought = Name{Schema: schema, Table: "slices"} }
	farAway := func(j *Job) { j.EndsFarAway = true }
	round := func(n int) func(*Job) { return func(j *Job) { j.Round = n } }
	return map[string]goldenCase{
		"append":                         full(Append),
		"replace":                        by(Swap, full(Replace, staging)),
		"replace_referenced":             by(Swap, full(Replace, staging, referenced)),
		"replace_referenced_keyless":     by(Swap, full(Replace, staging, referenced, keyless)),
		"empty":                          by(Empty, full(Replace, staging)),
		"empty_referenced":               by(Empty, full(Replace, staging, referenced)),
		"empty_referenced_keyless":       by(Empty, full(Replace, staging, referenced, keyless)),
		"upsert":                         full(Upsert, unique),
		"upsert_duplicates":              short(Upsert, unique, duplicates),
		"upsert_hard_delete":             short(Upsert, unique, hard, removed),
		"upsert_without_index":           short(Upsert, hard, removed),
		"upsert_repeated":                full(Upsert, func(j *Job) { j.Repeats = true }, ordered),
		"soft_delete_repeated":           short(SoftDelete, func(j *Job) { j.Repeats = true }),
		"upsert_repeated_stretch":        short(Upsert, func(j *Job) { j.Repeats, j.Stretch = true, &Stretch{From: -1, To: 14000} }),
		"history_repeated":               short(History, func(j *Job) { j.Repeats = true }),
		"replace_repeated":               by(Swap, short(Replace, staging, referenced, func(j *Job) { j.Repeats = true })),
		"upsert_null_keys":               short(Upsert, unique, nullKeys),
		"upsert_patched":                 full(Upsert, unique, patched),
		"upsert_patched_duplicates":      full(Upsert, unique, hard, removed, patched, duplicates),
		"upsert_patched_ordered":         short(Upsert, unique, patched, duplicates, func(j *Job) { j.Order = []string{"excluded"} }),
		"upsert_patched_ordered_foreign": short(Upsert, foreign, patched, duplicates, func(j *Job) { j.Order = []string{"excluded"} }),
		"upsert_spelled":                 short(Upsert, unique, hard, removed, duplicates, spelled),
		"upsert_spelled_ordered":         short(Upsert, unique, hard, removed, duplicates, spelled, tombstones),
		"upsert_spelled_filled":          short(Upsert, unique, hard, removed, duplicates, spelled, tombstones, filled),
		"history_spelled_ordered":        short(History, removed, duplicates, spelled, tombstones),
		"history_spelled":                short(History, removed, spelled),
		"upsert_unavailable":             full(Upsert, unique, unavailable),
		"history_unavailable":            full(History, unavailable, duplicates),
		"upsert_ordered":                 full(Upsert, unique, ordered),
		"upsert_ordered_hard_delete":     full(Upsert, unique, ordered, duplicates, hard, removed),
		"soft_delete":                    full(SoftDelete, unique),
		"soft_delete_removed":            short(SoftDelete, unique, removed),
		"soft_delete_folded":             full(SoftDelete, unique, removed, duplicates),
		"soft_delete_without_index":      short(SoftDelete, removed),
		"soft_delete_patched":            full(SoftDelete, unique, removed, duplicates, patched),
		"history":                        full(History),
		"history_short":                  short(History),
		"history_removed":                short(History, removed),
		"history_duplicates":             full(History, removed, duplicates),
		"history_ignored":                full(History, removed, duplicates, func(j *Job) { j.Ignored = []string{"excluded", "_n"} }),
		"history_late":                   full(History, late),
		"history_late_removed":           short(History, late, removed, duplicates),
		"history_late_patched":           short(History, late, removed, patched),
		"history_late_citus":             short(History, late, removed, citus),
		"history_late_user_code":         short(History, late, removed, userCode),
		"history_far_away":               short(History, removed, duplicates, tombstones, farAway),
		"history_far_away_late":          short(History, removed, late, farAway),
		"history_hashed":                 full(History, removed, duplicates, hashed, func(j *Job) { j.Ignored = []string{"excluded"} }),
		"history_hashed_citus":           short(History, citus, hashed),
		"history_hashed_ordered":         full(History, removed, duplicates, hashed, ordered),
		"replace_slices":                 by(Swap, short(Replace, staging, sliced)),
		"replace_slices_repeated":        by(Swap, short(Replace, staging, sliced, referenced, func(j *Job) { j.Repeats = true })),
		"replace_slices_keyless":         by(Swap, short(Replace, staging, sliced, keyless, byID)),
		"replace_slices_foreign":         by(Swap, short(Replace, staging, sliced, foreign)),
		"replace_range":                  by(Swap, short(Replace, staging, ranged)),
		"replace_range_keyless":          by(Swap, short(Replace, staging, ranged, keyless, byID)),
		"empty_slices":                   by(Empty, short(Replace, staging, sliced)),
		"empty_range_keyless":            by(Empty, short(Replace, staging, ranged, keyless, byID)),
		"bring_slices":                   by(BringSlices, short(SoftDelete, sliced, brought, removed, patched)),
		"bring_range":                    by(BringSlices, short(SoftDelete, ranged, brought)),
		"remove_unseen_slices":           by(unseen, short(SoftDelete, sliced, brought)),
		"remove_unseen_range_foreign":    by(unseen, short(Upsert, hard, foreign, ranged, brought)),
		"remove_versions_slices":         by(versions, full(History, sliced, brought)),
		"history_patched":                full(History, patched),
		"history_patched_duplicates":     full(History, patched, removed, duplicates),
		"history_round_1":                short(History, duplicates, round(1)),
		"history_round_2":                short(History, duplicates, round(2)),
		"remove_versions_upsert":         by(versions, full(Upsert)),
		"remove_versions_hard_delete":    by(versions, full(Upsert, hard)),
		"remove_versions_soft_delete":    by(versions, full(SoftDelete)),
		"remove_versions_history":        by(versions, full(History)),
		"remove_unseen_hard_delete":      by(unseen, full(Upsert, hard)),
		"remove_unseen_null_keys":        by(unseen, full(SoftDelete, nullKeys)),
		"append_identity":                short(Append, identity, unnumbered),
		"upsert_identity":                short(Upsert, unique, identity),
		"upsert_identity_unnumbered":     short(Upsert, unique, hard, removed, identity, unnumbered),
		"soft_delete_identity":           short(SoftDelete, unique, removed, identity),
		"history_identity":               short(History, identity, unnumbered),
		"replace_identity_referenced":    by(Swap, short(Replace, staging, referenced, identity)),
		"replace_foreign":                by(Swap, full(Replace, staging, foreign)),
		"upsert_foreign":                 full(Upsert, foreign, hard, removed, duplicates),
		"upsert_foreign_moving":          full(Upsert, foreign, moving, patched),
		"upsert_citus":                   full(Upsert, citus),
		"history_citus_stretch":          short(History, citus, func(j *Job) { j.Stretch = &Stretch{From: -1, To: 14000} }),
		"upsert_citus_stretch":           short(Upsert, citus, func(j *Job) { j.Stretch = &Stretch{From: -1, To: 14000} }),
		"upsert_citus_ordered":           short(Upsert, citus, func(j *Job) { j.Order = []string{"excluded"} }),
		"upsert_reference":               short(Upsert, reference, hard, removed, duplicates),
		"history_reference":              short(History, reference, removed),
		"remove_unseen_reference":        by(unseen, short(SoftDelete, reference)),
		"replace_citus_referenced":       by(Swap, short(Replace, staging, citus, referenced)),
		"empty_citus_referenced":         by(Empty, short(Replace, staging, citus, referenced)),
		"soft_delete_foreign":            full(SoftDelete, foreign, removed, duplicates),
		"soft_delete_citus":              short(SoftDelete, citus, removed),
		"history_foreign":                short(History, foreign, removed),
		"history_citus_round_1":          full(History, citus, removed, duplicates, round(1)),
		"history_citus_round_2":          full(History, citus, removed, duplicates, round(2)),
		"remove_unseen_foreign":          by(unseen, full(Upsert, hard, foreign)),
		"remove_unseen_citus":            by(unseen, full(History, citus)),
		"remove_versions_citus":          by(versions, full(History, citus)),
		"upsert_user_code":               full(Upsert, unique, userCode, ordered, duplicates, hard, removed),
		"soft_delete_user_code":          full(SoftDelete, unique, userCode, removed, duplicates, patched),
		"history_user_code":              full(History, userCode, removed, duplicates, patched),
		"replace_user_code":              by(Swap, full(Replace, staging, referenced, userCode)),
		"upsert_operators_elsewhere":     short(Upsert, unique, userCode, elsewhere),
		"upsert_insert_only":             full(Upsert, unique, keeps),
		"upsert_insert_only_duplicates":  short(Upsert, unique, keeps, duplicates, patched),
		"upsert_insert_only_choosing":    short(Upsert, unique, keeps, duplicates, hard, removed, tombstones),
		"upsert_insert_only_citus":       short(Upsert, citus, keeps, duplicates, hard, removed),
		"upsert_insert_only_foreign":     full(Upsert, foreign, moving, keeps),
		"upsert_update_only":             full(Upsert, unique, only),
		"upsert_update_only_removed":     short(Upsert, unique, only, duplicates, hard, removed, tombstones),
		"upsert_update_only_foreign":     full(Upsert, foreign, moving, only),
		"soft_delete_insert_only":        full(SoftDelete, unique, keeps, removed),
		"soft_delete_insert_only_choice": full(SoftDelete, keeps, removed, duplicates, tombstones),
		"soft_delete_insert_only_remote": short(SoftDelete, foreign, keeps, removed),
		"soft_delete_update_only":        full(SoftDelete, unique, only, removed, duplicates),
		"soft_delete_update_only_shared": short(SoftDelete, reference, only, removed),
		"upsert_filled":                  short(Upsert, unique, hard, removed, duplicates, tombstones, filled),
		"soft_delete_filled_foreign":     short(SoftDelete, foreign, removed, tombstones, filled),
		"history_filled":                 short(History, removed, duplicates, tombstones, filled, round(1)),
		"history_filled_round_2":         short(History, removed, duplicates, tombstones, filled, round(2)),
		"lookup":                         by(lookUp, short(Upsert, unique, keeps)),
		"remember":                       by(remember, full(History, removed)),
		"superseded":                     by(superseded, full(Replace)),
		"superseded_patched":             by(superseded, short(Upsert, duplicates, patched)),
		"upsert_tombstones":              short(Upsert, unique, hard, removed, duplicates, tombstones),
		"soft_delete_ordered":            short(SoftDelete, unique, removed, duplicates, tombstones),
		"soft_delete_ordered_foreign":    short(SoftDelete, foreign, removed, tombstones),
		"history_ordered":                short(History, removed, tombstones),
		"history_ordered_duplicates":     full(History, removed, duplicates, tombstones),
		"history_ordered_round_2":        full(History, removed, duplicates, tombstones, round(2)),
		"history_ordered_citus":          full(History, citus, removed, duplicates, tombstones),
		"history_ordered_loosely":        full(History, removed, duplicates, patched, loose),
	}
}

func TestTheSQLIsThatOfTheGoldenFiles(t *testing.T) {
	t.Parallel()
	cases := golden("public")
	for name, c := range cases {
		statements, err := c.render(c.job)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var b strings.Builder
		for _, s := range statements {
			b.WriteString("-- (" + [...]string{"prepares", "inserts", "updates", "deletes", "writes", "checks", "ignores", "tells", "passes"}[s.Effect] + ")\n" + s.SQL + ";\n\n")
		}
		file := filepath.Join("testdata", name+".sql")
		if *update {
			if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s differs; go test -update writes it anew (-want +got)\n%s", file, diff)
		}
	}
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(cases) {
		t.Errorf("%d golden files of %d cases", len(files), len(cases))
	}
}

// The golden files are read by people; here the server reads the same statements, for tables with those names and
// types.
func TestTheServerTakesTheSQLOfTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for name := range golden("") {
		if name == "upsert_operators_elsewhere" {
			continue // of a type that is not there
		}
		for _, userCode := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/user code %t", name, userCode), func(t *testing.T) {
				t.Parallel()
				serverTakes(t, name, userCode)
			})
		}
	}
}

func serverTakes(t *testing.T, name string, userCode bool) {
	schema := pgtest.Schema(t)
	c := golden(schema)[name]
	c.job.UserCode = userCode
	tb := &table{t: t, conn: pgtest.Connect(t), job: c.job, counts: map[Effect]int64{}}
	tb.createNasty()
	tb.exec("BEGIN; " + tb.stageNasty())
	if c.job.Round > 1 {
		first := c.job
		first.Round = 1
		statements, err := c.render(first)
		if err != nil {
			t.Fatal(err)
		}
		tb.run(statements)
	}
	statements, err := c.render(c.job)
	if err != nil {
		t.Fatal(err)
	}
	tb.run(statements)
	tb.exec("COMMIT")
}

// createNasty creates the target with one row, and the tables of keys that were seen and of superseded records.
func (tb *table) createNasty() {
	target, unique := tb.job.Target.SQL(), `CREATE UNIQUE INDEX ON `
	tb.exec(`CREATE TABLE ` + target + ` (` + declared(append(tb.job.Columns[:2:2], nastyColumns()...)) + `)`)
	switch tb.job.Mode {
	case History:
		tb.exec(`ALTER TABLE ` + target + ` ADD start timestamptz NOT NULL DEFAULT '2026-01-01', ADD "end" timestamptz, ADD active boolean NOT NULL DEFAULT true, ADD hash text;` +
			unique + target + ` ("Id", row_number) WHERE active`)
	case Append:
	default:
		tb.exec(`ALTER TABLE ` + target + ` ADD deleted boolean NOT NULL DEFAULT false;` + unique + target + ` ("Id", row_number)`)
	}
	seen := Name{Schema: tb.job.Target.Schema, Table: "seen"}.SQL()
	tb.exec(`INSERT INTO ` + target + ` ("Id", row_number, "say ""hi""") VALUES (1, 'a', 'old');
		CREATE TABLE ` + Name{Schema: tb.job.Target.Schema, Table: "slices"}.SQL() + ` (excluded numeric, "say ""hi""" text, least numeric, greatest numeric);
		CREATE TABLE ` + seen + ` ("Id" bigint, row_number text, UNIQUE ("Id", row_number));
		CREATE TABLE ` + Name{Schema: tb.job.Target.Schema, Table: "tombstones"}.SQL() +
		` ("Id" bigint, row_number text, excluded numeric, UNIQUE ("Id", row_number))`)
	superseded := Name{Schema: tb.job.Target.Schema, Table: "superseded"}.SQL()
	tb.exec(`ALTER TABLE ` + target + ` ADD "gone's" text; CREATE TABLE ` + superseded + ` (` + declared(tb.job.Columns) + `, "gone's" text, brought text[])`)
	for _, c := range tb.job.Columns {
		if c.Identity {
			column := `; ALTER TABLE ` + target + ` ALTER ` + quote(c.Name)
			tb.exec(`UPDATE ` + target + ` SET ` + quote(c.Name) + ` = 1` + column + ` TYPE bigint` + column + ` SET NOT NULL` +
				column + ` ADD GENERATED ALWAYS AS IDENTITY`)
		}
	}
}

// stageNasty is the SQL that stages a row of each kind that the job allows.
func (tb *table) stageNasty() string {
	job, temporary := tb.job, "TEMP "
	if job.Mode == Replace {
		temporary = ""
	}
	rows := `(1, 'a', 'new', 1.0, NULL, NULL, false), (2, 'a', 'new', 1.0, '2026-01-02', NULL, false)`
	if job.Has.Duplicates {
		rows += `, (2, 'a', 'newer', 2.0, '2026-01-01', NULL, false)`
	}
	if job.Has.Patched {
		rows += `, (3, 'a', 'new', NULL, '2026-01-01', '1110', false)`
	}
	if job.Has.Removed {
		rows += `, (4, 'a', NULL, NULL, '2026-01-01', '1100', true)`
	}
	return `CREATE ` + temporary + `TABLE ` + job.Staged.SQL() + ` (` + declared(job.Columns) +
		`, present bit varying, gone boolean, at timestamptz);
		INSERT INTO ` + job.Staged.SQL() + ` ("Id", row_number, "say ""hi""", excluded, at, present, gone)
		SELECT id, n, hi, e, at::timestamptz, p::bit varying, g FROM (VALUES ` + rows + `) AS v (id, n, hi, e, at, p, g)`
}

func declared(columns []Column) string {
	var list []string
	for _, c := range columns {
		list = append(list, typemap.Quote(c.Name)+" "+c.Type.Name)
	}
	return strings.Join(list, ", ")
}
