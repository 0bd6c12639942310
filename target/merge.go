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
	// checks are the statements that check a rule, by their place among texts.
	checks map[int]merge.Statement
	// childless is true for the statements that look for tables which inherit, by their place among texts.
	childless map[int]bool
}

// newScript begins a script. COPY, which came before it, may have had the search_path of the role.
func newScript(texts ...string) *script {
	return &script{texts: append([]string{merge.PinnedPath}, texts...)}
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
	p := part{load: l, from: len(s.texts)}
	if !l.direct {
		var err error
		if p.statements, err = l.statements(ctx, conn); err != nil {
			return ofRows(l.stream.dbError("merge", err), refusedError{})
		}
	}
	for _, statement := range p.statements {
		s.size += len(statement.SQL)
		if statement.Effect == merge.Writes {
			s.texts = append(s.texts, l.written(), statement.SQL, l.written())
			continue
		}
		if statement.Effect == merge.Checks {
			if s.checks == nil {
				s.checks = map[int]merge.Statement{}
			}
			s.checks[len(s.texts)] = statement
		}
		s.texts = append(s.texts, statement.SQL)
	}
	if l.looksForChildren() {
		if s.childless == nil {
			s.childless = map[int]bool{}
		}
		s.childless[len(s.texts)] = true
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
		if elsewhere := uncovered(failed.stream.name, err); elsewhere != nil && s.childless[at] {
			return elsewhere
		}
		about := refusedError{late: at == len(s.texts)-1 && s.texts[at] == pgtx.Commit}
		if broken := checked(failed.stream.name, s.checks[at], err); broken != nil {
			about.named = true
			return ofRows(broken, about)
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
