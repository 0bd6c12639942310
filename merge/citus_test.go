package merge

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Citus is not part of the tests. These are its rules for statements about a distributed table that the coordinator
// plans together with tables of its own, held against every statement that may be rendered. Each was seen on Citus
// 13.2; docs/scaling.md says what was run there.

// citusJobs are the jobs that make statements of every form.
func citusJobs() []Job {
	var jobs []Job
	for _, mode := range []Mode{Append, Upsert, History, SoftDelete} {
		for bits := range 128 {
			is := func(bit int) bool { return bits&(1<<bit) != 0 }
			job := nasty(mode, "public", nastyColumns()...)
			job.Untracked, job.Version, job.Marks = []string{"_sdc_extracted_at"}, "_sdc_table_version", []string{"_sdc_deleted_at"}
			job.Place, job.Unique, job.HardDelete = Distributed, is(0), is(1)
			job.Has = Has{Duplicates: is(2), Patched: is(3), Removed: is(4)}
			job.Stretch = &Stretch{From: -1, To: 14000}
			if is(5) {
				job.Spread = []string{"excluded"}
			}
			if is(6) {
				job.Place = Replicated
			}
			jobs = append(jobs, job)
			switch {
			case mode == Upsert && !job.Has.Patched:
				ordered := job
				ordered.Order = []string{"excluded", "_sdc_extracted_at"}
				jobs = append(jobs, ordered)
			case mode == History && !job.Has.Duplicates:
				job.InsertLate = true
				jobs = append(jobs, job)
			case mode == History:
				for round := 1; round <= 2; round++ {
					job.Round, job.InsertLate = round, round == 2
					jobs = append(jobs, job)
				}
			}
			if is(0) && is(1) { // an index changes nothing there
				jobs = append(jobs, citusSettings(job)...)
			}
		}
	}
	return jobs
}

// citusSettings are the job with what settings add to it.
func citusSettings(job Job) []Job {
	var jobs []Job
	add := func(change ...func(*Job)) {
		other := job
		for _, c := range change {
			c(&other)
		}
		jobs = append(jobs, other)
	}
	ordered := func(j *Job) { j.Order, j.InsertLate = []string{"excluded"}, false }
	filled := func(j *Job) { j.Fill, j.Tombstones = "excluded", Name{Schema: "public", Table: "tombstones"} }
	switch job.Mode {
	case Upsert, SoftDelete:
		keeps := func(j *Job) { j.IgnoreConflicts = true }
		only := func(j *Job) { j.IgnoreMissing = true }
		add(keeps)
		add(only)
		add(only, ordered)
		add(ordered, filled)
	case History:
		hashed := func(j *Job) { j.Hash, j.Ignored = "hash", []string{"say \"hi\"", "%s$1"} }
		add(hashed)
		add(hashed, ordered)
		add(hashed, ordered, filled)
		add(hashed, ordered, func(j *Job) { j.Loose = true })
		add(func(j *Job) { j.EndsFarAway = true })
		add(ordered, func(j *Job) { j.EndsFarAway = true })
	}
	return jobs
}

// citusStatements are all statements of a job: its merge, its removals and its swap.
func citusStatements(t *testing.T, job Job) []Statement {
	t.Helper()
	var all []Statement
	add := func(statements []Statement, err error) {
		if err != nil {
			t.Fatalf("%+v: %v", job, err)
		}
		all = append(all, statements...)
	}
	add(Load(job))
	add(RemoveVersions(job, 5))
	add(RemoveUnseen(job, Name{Schema: "public", Table: "seen"}))
	add(Remember(job, Name{Schema: "public", Table: "seen"}))
	job.Loose = false
	for _, job.Referenced = range []bool{false, true} {
		add(Swap(job))
		add(Empty(job))
	}
	return all
}

var (
	sqlComment  = regexp.MustCompile(`(?m)--.*$`)
	citusQuoted = regexp.MustCompile(`"(?:[^"]|"")*"`)
	sqlFunction = regexp.MustCompile(`(?i)\b([a-z_]+)\(`)
	// citusForms are all that is done to a distributed table. A local table is joined by INNER JOIN, FROM or USING, or
	// as a subquery on the inner side of a LEFT JOIN, never by EXISTS.
	citusForms = regexp.MustCompile(`^(?:CREATE TEMP TABLE Q\.Q ON COMMIT DROP AS\s+SELECT [^()]*\s+FROM TARGET AS t\s+(?:JOIN|LEFT JOIN \(SELECT)|` +
		`INSERT INTO Q\.Q\s+SELECT [^()]*\s+FROM TARGET AS t\s+JOIN|INSERT INTO TARGET|UPDATE TARGET AS t\s+SET|DELETE FROM TARGET(?: AS t\b|$)|TRUNCATE TARGET$)`)
	// citusReplicated is what a reference table may be changed by: whole tables in a set operation, or nothing.
	citusReplicated = regexp.MustCompile(`\s(?:FROM|USING) \(SELECT \* FROM Q\.Q AS r UNION ALL SELECT \* FROM Q\.Q AS r WHERE false\) AS \w+\s+WHERE `)
)

func TestStatementsKeepToWhatCitusCan(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, job := range citusJobs() {
		for _, statement := range citusStatements(t, job) {
			sql := statement.SQL
			if strings.Contains(sql, "MERGE") {
				t.Fatalf("MERGE from a table that is not distributed is refused:\n%s", sql)
			}
			if !strings.Contains(sql, job.Target.SQL()) {
				continue // of tables of this session
			}
			seen++
			checkForCitus(t, job, sql)
		}
	}
	if seen < 1000 {
		t.Errorf("only %d statements about the distributed table were looked at", seen)
	}
}

func checkForCitus(t *testing.T, job Job, sql string) {
	t.Helper()
	plain := citusQuoted.ReplaceAllString(strings.ReplaceAll(sql, job.Target.SQL(), "TARGET"), "Q")
	plain = strings.TrimSpace(sqlComment.ReplaceAllString(plain, ""))
	if strings.Count(plain, "TARGET") != 1 || !citusForms.MatchString(plain) {
		t.Fatalf("the distributed table is used in another way than Citus is known to plan:\n%s", sql)
	}
	if regexp.MustCompile(`^(?:UPDATE|DELETE)[^;]*\s(?:FROM|USING) [("Q]`).MatchString(strings.Replace(plain, "DELETE FROM", "DELETE", 1)) &&
		job.Place == Replicated && !citusReplicated.MatchString(plain) {
		t.Fatalf("a reference table is changed by a local table:\n%s", sql)
	}
	if strings.HasPrefix(plain, "INSERT INTO TARGET") { // what is inserted is made here
		plain = regexp.MustCompile(`(?s)\nSELECT .*?\nFROM `).ReplaceAllString(plain, "\nFROM ")
	}
	if regexp.MustCompile(`\bt\.(ctid|xmin|xmax|tableoid)|RETURNING|::text`).MatchString(plain) {
		t.Fatalf("system columns, RETURNING or a cast to text, which may not be IMMUTABLE:\n%s", sql)
	}
	if strings.Contains(plain, "EXISTS") {
		t.Fatalf("EXISTS of a local table:\n%s", sql)
	}
	if strings.Contains(plain, "ON CONFLICT") {
		t.Fatalf("ON CONFLICT, for which Citus makes a connection for every shard:\n%s", sql)
	}
	for _, call := range sqlFunction.FindAllStringSubmatch(plain, -1) {
		allowed := []string{"now", "greatest", "row_number", "coalesce", "join", "on", "from", "using"}
		if !slices.Contains(allowed, strings.ToLower(call[1])) {
			t.Fatalf("%s in a statement about the distributed table:\n%s", call[1], sql)
		}
	}
	if regexp.MustCompile(`(?is)(coalesce\(|CASE )[^;]*now\(`).MatchString(plain) {
		t.Fatalf("now() inside CASE or COALESCE, of which Citus cannot make a constant:\n%s", sql)
	}
	for _, fixed := range append([]string{"Id", "row_number"}, job.Spread...) {
		if strings.Contains(sql, "\n    "+quote(fixed)+" =") || strings.Contains(sql, "SET "+quote(fixed)+" =") {
			t.Fatalf("%s may be what the table is distributed by, and is updated:\n%s", fixed, sql)
		}
	}
}
