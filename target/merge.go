package target

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

// script is the SQL that brings a checkpoint's staged rows into their tables and commits: one string, for one round trip, unless
// it grows long.
type script struct {
	texts []string
	parts []part
	// size is the length of the merges' text.
	size int
	// rules say what it means that a statement fails which checks a rule, by its place among texts. They are nil for other failures.
	rules map[int]rule
	// made tells which tables the merges need not make, nil where they make all of theirs.
	made *making
}

// rule returns the error of a rule that is broken, nil if the statement failed for another reason.
type rule func(err error) error

// newScript begins a script. COPY, which came before it, may have had the search_path of the role.
func newScript(texts ...string) *script {
	return &script{texts: append([]string{merge.PinnedPath}, texts...), rules: map[int]rule{}}
}

// long says whether the script had better be sent as it is: both sides hold all of it.
func (s *script) long() bool { return s.size > 256<<10 }

// part is what one load has in a script.
type part struct {
	load       *load
	statements []merge.Statement
	// from is the index of its first statement.
	from int
}

// add appends the merge of a load.
func (s *script) add(ctx context.Context, conn *pgx.Conn, l *load) error {
	if l.looksAtSize() {
		s.rules[len(s.texts)] = func(err error) error { return unmeasured(l.stream.name, err) }
		s.texts = append(s.texts, wellMeasured(l.job.Target))
	}
	p := part{load: l, from: len(s.texts)}
	if !l.direct {
		var err error
		if p.statements, err = l.statements(ctx, conn); err != nil {
			return ofRows(l.stream.dbError("merge", err), refusedError{})
		}
		p.statements = s.made.without(p.statements)
	}
	for _, statement := range p.statements {
		s.size += len(statement.SQL)
		if statement.Effect == merge.Writes {
			s.texts = append(s.texts, l.written(), statement.SQL, l.written())
			continue
		}
		if statement.Effect == merge.Checks {
			s.rules[len(s.texts)] = func(err error) error { return checked(l.stream.name, statement, err) }
		}
		s.texts = append(s.texts, statement.SQL)
	}
	if l.looksForChildren() {
		s.rules[len(s.texts)] = func(err error) error { return uncovered(l.stream.name, err) }
		s.texts = append(s.texts, childless(l.job.Target))
	}
	s.parts = append(s.parts, p)
	return nil
}

// run runs the script. The error is about the load whose statement failed.
func (s *script) run(ctx context.Context, conn *pgx.Conn) error {
	began := time.Now()
	results, err := pgtx.Script(ctx, conn, s.texts)
	if err != nil && len(s.parts) == 0 {
		return ofRows(failure.FromServer("", "commit a checkpoint", err), refusedError{late: true})
	}
	if err != nil {
		at := len(results)
		if at > 0 && results[at-1].Err != nil {
			at-- // a query has a result before it fails
		}
		failed := s.at(at).load
		about := refusedError{late: at == len(s.texts)-1 && s.texts[at] == pgtx.Commit}
		if broken := s.rules[at]; broken != nil {
			if err := broken(err); err != nil {
				about.named = true
				return ofRows(err, about)
			}
		}
		return ofRows(failed.stream.dbError("merge into "+failed.job.Target.SQL(), err), about)
	}
	s.share(time.Since(began))
	for _, p := range s.parts {
		p.load.count(p.statements, results[p.from:])
	}
	return nil
}

// at is the part of a statement.
func (s *script) at(statement int) part {
	found := s.parts[0]
	for _, p := range s.parts {
		if p.from <= statement {
			found = p
		}
	}
	return found
}

// share divides the time that the script took among the loads, by their rows.
func (s *script) share(took time.Duration) {
	rows := 0
	for _, p := range s.parts {
		rows += p.load.batch.Rows()
	}
	for _, p := range s.parts {
		p.load.took += time.Duration(float64(took) * float64(p.load.batch.Rows()) / float64(rows))
	}
}
