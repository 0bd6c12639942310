package merge

import (
	"strings"
	"testing"
)

func TestModesHaveTheNamesOfTheSetting(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		mode              Mode
		key, uniqueByMode bool
	}{
		"append":      {Append, false, false},
		"replace":     {Replace, false, false},
		"upsert":      {Upsert, true, true},
		"history":     {History, true, false},
		"soft_delete": {SoftDelete, true, true},
	} {
		mode, err := ParseMode(name)
		if err != nil || mode != want.mode || mode.String() != name || mode.NeedsKey() != want.key || mode.NeedsUniqueKey() != want.uniqueByMode {
			t.Errorf("%s: %v, %v", name, mode, err)
		}
	}
	if _, err := ParseMode("Upsert"); err == nil {
		t.Error("a mode's name is not in lower case")
	}
}

func TestAJobThatCannotBeDoneIsRefused(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]struct {
		mode   Mode
		change func(*Job)
		want   string
	}{
		"no key":             {Upsert, func(j *Job) { j.Key = nil }, "no key"},
		"no columns":         {Append, func(j *Job) { j.Columns = nil }, "no columns"},
		"a foreign key":      {Upsert, func(j *Job) { j.Key = []Column{{Name: "other"}} }, `"other"`},
		"patches unseen":     {History, func(j *Job) { j.Present, j.Has.Patched = "", true }, "present"},
		"tombstones unseen":  {SoftDelete, func(j *Job) { j.Gone, j.Has.Removed = "", true }, "tombstones"},
		"no time":            {History, func(j *Job) { j.At = "" }, "time"},
		"no mark":            {SoftDelete, func(j *Job) { j.Deleted = "" }, "mark"},
		"tombstones to none": {Upsert, func(j *Job) { j.HardDelete, j.Gone, j.Has.Removed = true, "", true }, "tombstones"},
	} {
		job := example(s.mode)
		s.change(&job)
		if statements, err := Load(job); err == nil || !strings.Contains(err.Error(), s.want) || len(statements) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	job := example(Upsert)
	job.Version, job.Key = "", nil
	if _, err := RemoveVersions(job, 1); err == nil {
		t.Error("versions without a column")
	}
	if _, err := RemoveUnseen(job, Name{Table: "seen"}); err == nil {
		t.Error("unseen without a key")
	}
	if _, err := Remember(job, Name{Table: "seen"}); err == nil {
		t.Error("keys without a key")
	}
}

func TestOnlyHistoryWithDuplicatesNeedsRounds(t *testing.T) {
	t.Parallel()
	for _, mode := range []Mode{Append, Replace, Upsert, History, SoftDelete} {
		for _, duplicates := range []bool{false, true} {
			job := example(mode)
			job.Has.Duplicates = duplicates
			query, err := Rounds(job)
			if err != nil || (query != "") != (mode == History && duplicates) {
				t.Errorf("%s, duplicates %t: %q, %v", mode, duplicates, query, err)
			}
		}
	}
}

// Statements are joined by semicolons: one that ends in a comment would swallow the next.
func TestNoStatementEndsInAComment(t *testing.T) {
	t.Parallel()
	for name, c := range golden("public") {
		statements, err := c.render(c.job)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range statements {
			last := s.SQL[strings.LastIndex(s.SQL, "\n")+1:]
			if strings.HasPrefix(strings.TrimSpace(last), "--") || strings.HasSuffix(last, ";") || last == "" {
				t.Errorf("%s ends in %q", name, last)
			}
		}
	}
}

func TestCountsFollowTheEffect(t *testing.T) {
	t.Parallel()
	for effect, want := range map[Effect][3]int64{
		Prepares: {}, Inserts: {7, 0, 0}, Updates: {0, 7, 0}, Deletes: {0, 0, 7}, Writes: {0, 7, 0},
	} {
		inserted, updated, deleted := Statement{Effect: effect}.Count(7)
		if got := [3]int64{inserted, updated, deleted}; got != want {
			t.Errorf("effect %d: %v", effect, got)
		}
	}
}
