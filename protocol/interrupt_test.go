package protocol

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// piped runs a test with a Reader of a pipe that the test writes into.
func piped(t *testing.T, test func(t *testing.T, r *Reader, in *io.PipeWriter)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out, in := io.Pipe()
		r := NewSinger(out, 0)
		test(t, r, in)
		r.Close()
		_ = in.Close()
	})
}

func write(t *testing.T, in io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(in, text); err != nil {
		t.Fatal(err)
	}
}

func wantState(t *testing.T, r *Reader, want string) {
	t.Helper()
	m, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if m.Kind != KindState || string(m.State) != want {
		t.Errorf("got kind %d, state %s; want the state %s", m.Kind, m.State, want)
	}
}

func TestASilentInputIsInterruptedByATimer(t *testing.T) {
	piped(t, func(t *testing.T, r *Reader, _ *io.PipeWriter) {
		begin := time.Now()
		time.AfterFunc(time.Minute, r.Interrupt)
		if _, err := r.Next(); !errors.Is(err, ErrInterrupted) {
			t.Errorf("got %v, want ErrInterrupted", err)
		}
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("interrupted after %s, want a minute", took)
		}
	})
}

func TestAnInterruptionKeepsTheHalfOfALine(t *testing.T) {
	piped(t, func(t *testing.T, r *Reader, in *io.PipeWriter) {
		write(t, in, `{"type":"STATE",`)
		r.Interrupt()
		if _, err := r.Next(); !errors.Is(err, ErrInterrupted) {
			t.Fatalf("got %v, want ErrInterrupted", err)
		}
		write(t, in, `"value":7}`+"\n")
		wantState(t, r, "7")
	})
}

func TestAnInterruptionIsReportedOnce(t *testing.T) {
	piped(t, func(t *testing.T, r *Reader, in *io.PipeWriter) {
		r.Interrupt()
		r.Interrupt()
		if _, err := r.Next(); !errors.Is(err, ErrInterrupted) {
			t.Fatalf("got %v, want ErrInterrupted", err)
		}
		time.AfterFunc(time.Second, func() { _, _ = io.WriteString(in, `{"type":"STATE","value":1}`+"\n") })
		wantState(t, r, "1")
	})
}

func TestInputThatIsThereGoesBeforeAnInterruption(t *testing.T) {
	piped(t, func(t *testing.T, r *Reader, in *io.PipeWriter) {
		write(t, in, `{"type":"STATE","value":1}`+"\n"+`{"type":"STATE","value":2}`+"\n")
		synctest.Wait()
		r.Interrupt()
		wantState(t, r, "1")
		wantState(t, r, "2")
		if _, err := r.Next(); !errors.Is(err, ErrInterrupted) {
			t.Errorf("got %v, want ErrInterrupted", err)
		}
	})
}

func TestALineArrivesWithItsNewlineAndNotLater(t *testing.T) {
	piped(t, func(t *testing.T, r *Reader, in *io.PipeWriter) {
		write(t, in, `{"type":"STATE","value":1}`+"\n"+`{"type":`)
		wantState(t, r, "1")
		write(t, in, `"STATE","value":2}`+"\n")
		wantState(t, r, "2")
	})
}

func TestCloseEndsAWaitingNextAndTheReadingGoroutine(t *testing.T) {
	// The bubble fails if a goroutine is left in it.
	piped(t, func(t *testing.T, r *Reader, in *io.PipeWriter) {
		write(t, in, `{"type":"STATE","value":1}`+"\n")
		time.AfterFunc(time.Second, r.Close)
		wantState(t, r, "1")
		if _, err := r.Next(); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v, want ErrClosed", err)
		}
		r.Close()
	})
}
