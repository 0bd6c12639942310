package tablewrite

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/scratch"
)

// Script is the SQL that brings a checkpoint's staged rows into their tables and commits: one string, for one round
// trip, unless it grows long.
type Script struct {
	// Texts are the statements, in order.
	Texts []string
	parts []part
	// size is the length of the merges' text.
	size int
	// rules say what it means that a statement fails which checks a rule, by its place among Texts. They are nil for
	// other failures.
	rules map[int]rule
	// timed has the server time the parts, where telemetry is told about them.
	timed timing
	// Made tells which tables the merges need not make, nil where they make all of theirs.
	Made *scratch.Making
}

// rule returns the error of a rule that is broken, nil if the statement failed for another reason.
type rule func(err error) error

// NewScript begins a script. COPY, which came before it, may have had the search_path of the role.
func NewScript(texts ...string) *Script {
	return &Script{Texts: append([]string{merge.PinnedPath}, texts...), rules: map[int]rule{}}
}

// Long reports whether the script had better be sent as it is: both sides hold all of it.
func (s *Script) Long() bool { return s.size > 256<<10 }

// part is what one write has in a script.
type part struct {
	load       *Write
	statements []merge.Statement
	// from is the index of its first statement.
	from int
	// began and ended are the statements by which the server says when it was begun and ended, 0 if that is not needed.
	began, ended int
}

// Add appends the merge of a write. It fails if the server does not answer a question about the merge: the error names
// the stream.
func (s *Script) Add(ctx context.Context, conn *pgx.Conn, w *Write) error {
	began := s.begin(ctx)
	if w.looksAtSize() {
		s.rules[len(s.Texts)] = func(err error) error { return unmeasured(w.Stream.Name, err) }
		s.Texts = append(s.Texts, wellMeasured(w.Job.Target))
	}
	p := part{load: w, from: len(s.Texts), began: began}
	if !w.Direct {
		var err error
		if p.statements, err = w.statements(ctx, conn); err != nil {
			return bisect.OfRows(w.Stream.DBError("merge", err), bisect.RefusedError{})
		}
		p.statements = s.Made.Without(p.statements)
	}
	for _, statement := range p.statements {
		s.size += len(statement.SQL)
		if statement.Effect == merge.Writes {
			s.Texts = append(s.Texts, w.written(), statement.SQL, w.written())
			continue
		}
		if statement.Effect == merge.Checks {
			s.rules[len(s.Texts)] = func(err error) error { return checked(w.Stream.Name, statement, err) }
		}
		s.Texts = append(s.Texts, statement.SQL)
	}
	if w.looksForChildren() {
		s.rules[len(s.Texts)] = func(err error) error { return uncovered(w.Stream.Name, err) }
		s.Texts = append(s.Texts, childless(w.Job.Target))
	}
	p.ended = s.time(ctx)
	s.parts = append(s.parts, p)
	return nil
}

// Run runs the script. The error is about the write whose statement failed.
func (s *Script) Run(ctx context.Context, conn *pgx.Conn) error {
	began := time.Now()
	results, err := pgtx.Script(ctx, conn, s.Texts)
	s.tell(ctx, conn, began, results, err)
	if err != nil && len(s.parts) == 0 {
		return bisect.OfRows(failure.FromServer("", "commit a checkpoint", err), bisect.RefusedError{Late: true})
	}
	if err != nil {
		at := len(results)
		if at > 0 && results[at-1].Err != nil {
			at-- // a query has a result before it fails
		}
		failed := s.at(at).load
		about := bisect.RefusedError{Late: at == len(s.Texts)-1 && s.Texts[at] == pgtx.Commit}
		if broken := s.rules[at]; broken != nil {
			if err := broken(err); err != nil {
				about.Named = true
				return bisect.OfRows(err, about)
			}
		}
		return bisect.OfRows(failed.Stream.DBError("merge into "+failed.Job.Target.SQL(), err), about)
	}
	s.share(time.Since(began))
	for _, p := range s.parts {
		p.load.count(p.statements, results[p.from:])
	}
	return nil
}

// at is the part of a statement.
func (s *Script) at(statement int) part {
	found := s.parts[0]
	for _, p := range s.parts {
		if p.from <= statement {
			found = p
		}
	}
	return found
}

// share divides the time that the script took among the writes, by their rows.
func (s *Script) share(took time.Duration) {
	rows := 0
	for _, p := range s.parts {
		rows += p.load.Batch.Rows()
	}
	for _, p := range s.parts {
		p.load.took += time.Duration(float64(took) * float64(p.load.Batch.Rows()) / float64(rows))
	}
}
