package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
)

// run is a pipeline on a server that only pretends, and what happens in it.
type run struct {
	*Pipeline
	t      *testing.T
	server *pretended
	ending *Ending
	log    strings.Builder

	mu sync.Mutex
	// happened is what the tasks did, in order.
	happened []string
}

func newRun(t *testing.T, connections int) *run {
	t.Helper()
	r := &run{t: t, server: newPretended(t), ending: NewEnding()}
	none := func(_ context.Context, _ *pgx.Conn, err error) error { return err }
	r.Pipeline = New(t.Context(), r.server.connector(t), Retry{Lost: 20 * time.Second, First: 20 * time.Second}, none, connections, r.ending,
		slog.New(slog.NewTextHandler(r, nil)), func() { r.notef("failed") })
	return r
}

// Write takes a line of the log.
func (r *run) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(line)
}

func (r *run) logged(words string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Contains(r.log.String(), words)
}

func (r *run) notef(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.happened = append(r.happened, fmt.Sprintf(format, args...))
}

// did is what happened, without what was done ahead.
func (r *run) did() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.happened), func(what string) bool { return strings.HasPrefix(what, "prepare") })
}

// step is something that a task does: a statement to the server, or what the test wants to happen there.
type step func(ctx context.Context, conn *pgx.Conn, turn *Ticket) error

func send(statement string) step {
	return func(ctx context.Context, conn *pgx.Conn, _ *Ticket) error {
		_, err := conn.Exec(ctx, statement)
		return failure.FromServer("", statement, err)
	}
}

// task is one that begins ahead of its turn and commits in it. first is done at the start of Prepare, in the attempt of
// the turn not.
func (r *run) task(name string, first step, last ...step) Task {
	begin := func(ctx context.Context, conn *pgx.Conn, turn *Ticket) error {
		if err := send("BEGIN "+name)(ctx, conn, turn); err != nil {
			return err
		}
		turn.Opened()
		return send("COPY "+name)(ctx, conn, turn)
	}
	return Task{
		Prepare: func(ctx context.Context, conn *pgx.Conn, turn *Ticket) error {
			r.notef("prepare %s", name)
			if first != nil {
				if err := first(ctx, conn, turn); err != nil {
					return err
				}
			}
			return begin(ctx, conn, turn)
		},
		Commit: func(ctx context.Context, conn *pgx.Conn, turn *Ticket) error {
			if !turn.Prepared {
				r.notef("again %s", name)
				if err := begin(ctx, conn, turn); err != nil {
					return err
				}
			}
			for _, one := range last {
				if err := one(ctx, conn, turn); err != nil {
					return err
				}
			}
			if err := send("COMMIT "+name)(ctx, conn, turn); err != nil {
				return err
			}
			r.notef("commit %s", name)
			return nil
		},
		Done: func(err error) {
			if err != nil {
				r.notef("no %s", name)
			}
		},
	}
}

func (r *run) submit(tasks ...Task) {
	r.t.Helper()
	for _, task := range tasks {
		if err := r.Submit(task); err != nil {
			r.t.Fatal(err)
		}
	}
}

// expect compares what happened, once all is over.
func (r *run) expect(want ...string) {
	r.t.Helper()
	if diff := cmp.Diff(want, r.did()); diff != "" {
		r.t.Errorf("what happened (-want +got):\n%s\nlog: %s", diff, r.log.String())
	}
}

func (r *run) close() {
	r.t.Helper()
	if err := r.Close(); err != nil {
		r.t.Errorf("the pipeline failed: %v", err)
	}
}

// until waits for something that happens in another task.
func until(happened <-chan struct{}) step {
	return func(ctx context.Context, _ *pgx.Conn, _ *Ticket) error {
		select {
		case <-happened:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func signal(happens chan struct{}) step {
	once := sync.OnceFunc(func() { close(happens) })
	return func(context.Context, *pgx.Conn, *Ticket) error { once(); return nil }
}

func TestPipeline_CommitsInOrderWhatIsPreparedInAnother(t *testing.T) {
	t.Parallel()
	r := newRun(t, 2)
	prepared := make(chan struct{})
	// The first commits only once the second has been prepared.
	r.submit(r.task("a", nil, until(prepared)), r.task("b", signal(prepared)))
	r.close()
	r.expect("again a", "commit a", "commit b")
	if n := r.server.connections(); n != 2 {
		t.Errorf("there were %d connections, want 2", n)
	}
}

func TestPipeline_OneConnectionDoesOneTaskAfterTheOther(t *testing.T) {
	t.Parallel()
	r := newRun(t, 1)
	r.submit(r.task("a", nil), r.task("b", nil), r.task("c", nil))
	r.close()
	r.expect("again a", "commit a", "again b", "commit b", "again c", "commit c")
	if n := r.server.connections(); n != 1 {
		t.Errorf("there were %d connections, want 1", n)
	}
}

// passing fails the first time, with an error that another attempt may not meet.
func passing() step {
	failed := false
	return func(context.Context, *pgx.Conn, *Ticket) error {
		if failed {
			return nil
		}
		failed = true
		return &failure.Error{Blame: failure.Connection, Reason: "deadlock"}
	}
}

func TestPipeline_ARetryTakesBackWhatThoseBehindHaveDoneAhead(t *testing.T) {
	t.Parallel()
	r := newRun(t, 2)
	prepared := make(chan struct{})
	r.submit(r.task("a", nil, until(prepared), passing()), r.task("b", signal(prepared)))
	r.close()
	r.expect("again a", "again a", "commit a", "again b", "commit b")
	if !r.logged("trying again") || !r.logged("deadlock") {
		t.Errorf("the log does not say why it is tried again: %s", r.log.String())
	}
}

func TestPipeline_AFailureEndsThoseBehindIt(t *testing.T) {
	t.Parallel()
	r := newRun(t, 2)
	prepared, broken := make(chan struct{}), &failure.Error{Blame: failure.Configuration, Reason: "broken"}
	r.submit(r.task("a", nil, until(prepared), func(context.Context, *pgx.Conn, *Ticket) error { return broken }), r.task("b", signal(prepared)))
	if err := r.Close(); !errors.Is(err, broken) {
		t.Errorf("the pipeline ended with %v, want %v", err, broken)
	}
	r.expect("again a", "failed", "no a", "no b")
	if err := r.Failure(); !errors.Is(err, broken) {
		t.Errorf("the failure is %v", err)
	}
}

func TestPipeline_AContainedFailureEndsNothing(t *testing.T) {
	t.Parallel()
	r := newRun(t, 2)
	broken := &failure.Error{Blame: failure.Configuration, Reason: "broken"}
	if err := r.Do(func(context.Context, *pgx.Conn) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the task ended with %v, want %v", err, broken)
	}
	r.submit(r.task("a", nil))
	r.close()
	r.expect("again a", "commit a")
}

func TestPipeline_AConnectionMayBeLostAtEveryStep(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		at   string
		want []string
	}{
		{"BEGIN a", []string{"again a", "again a", "commit a", "commit b"}},
		{"BEGIN b", []string{"again a", "commit a", "again b", "commit b"}},
		// The attempt after a loss loses its connection, too.
		{"COPY a, COMMIT a", []string{"again a", "again a", "again a", "commit a", "commit b"}},
		{"COMMIT a, COMMIT a", []string{"again a", "again a", "again a", "commit a", "commit b"}},
		{"COPY a", []string{"again a", "again a", "commit a", "commit b"}},
		{"COMMIT a", []string{"again a", "again a", "commit a", "commit b"}},
		{"COPY b", []string{"again a", "commit a", "again b", "commit b"}},
		{"COMMIT b", []string{"again a", "commit a", "again b", "commit b"}},
	} {
		t.Run(test.at, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, 2)
			r.server.set(func() { r.server.hangUp = strings.Split(test.at, ", ") })
			r.submit(r.task("a", nil), r.task("b", nil))
			r.close()
			// Whether b was prepared before a had to be done again is a matter of chance.
			did := slices.DeleteFunc(r.did(), func(what string) bool { return what == "again b" })
			want := slices.DeleteFunc(test.want, func(what string) bool { return what == "again b" })
			if diff := cmp.Diff(want, did); diff != "" {
				t.Errorf("what happened (-want +got):\n%s\nlog: %s", diff, r.log.String())
			}
			if n := r.server.connections(); n < 2 {
				t.Errorf("there were %d connections, want another one after the lost one", n)
			}
		})
	}
}

func TestPipeline_AServerThatComesLateIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := newRun(t, 1)
	r.server.set(func() { r.server.deaf = 1 })
	r.submit(r.task("a", nil))
	r.close()
	r.expect("again a", "commit a")
}

// worksByTurns reports whether the pipeline knows that it has no second connection.
func (r *run) worksByTurns() bool {
	r.Pipeline.mu.Lock()
	defer r.Pipeline.mu.Unlock()
	return r.singleConn
}

func TestPipeline_AServerWithOneConnectionIsWorkedByTurns(t *testing.T) {
	t.Parallel()
	r := newRun(t, 2)
	r.server.set(func() { r.server.most = 1 })
	told := make(chan struct{})
	look := func(ctx context.Context, _ *pgx.Conn, _ *Ticket) error {
		for !r.worksByTurns() {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Millisecond):
			}
		}
		close(told)
		return nil
	}
	// b asks for a connection as soon as a has a transaction, and there is none: a commits after that.
	r.submit(r.task("a", nil, look), r.task("b", nil), r.task("c", nil))
	r.close()
	<-told
	r.expect("again a", "commit a", "again b", "commit b", "again c", "commit c")
	if n := r.server.connections(); n != 1 {
		t.Errorf("there were %d connections, want 1", n)
	}
}

func TestPipeline_DrainWaitsForAll(t *testing.T) {
	t.Parallel()
	r := newRun(t, 2)
	r.submit(r.task("a", nil), r.task("b", nil))
	if err := r.Drain(); err != nil {
		t.Fatal(err)
	}
	committed := slices.DeleteFunc(r.did(), func(what string) bool { return strings.HasPrefix(what, "again") })
	if diff := cmp.Diff([]string{"commit a", "commit b"}, committed); diff != "" {
		t.Errorf("what was committed (-want +got):\n%s", diff)
	}
	r.close()
}

func TestPipeline_DrainAfterASignalNeedsNoConnection(t *testing.T) {
	t.Parallel()
	r := newRun(t, 1)
	r.server.set(func() { r.server.deaf = 1000 })
	r.ending.Stop()
	if err := r.Drain(); err != nil {
		t.Fatal(err)
	}
	r.close()
	if n := r.server.connections(); n != 0 {
		t.Errorf("there were %d connections, want none", n)
	}
}
