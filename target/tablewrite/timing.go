package tablewrite

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/pgtx"
	"target-postgres/target/telemetry"
)

// A script is one message, so that the merges of several streams and the COMMIT come back together. Where telemetry is
// told about them the server says what time it is between them. Without telemetry a script has no such statement.

// timing are the places of the statements that say what time it is, in order.
type timing []int

// begin has the server say what time it is before the first merge, and before the locks that come before that. It
// returns the place of the statement after which the next merge begins.
func (s *Script) begin(ctx context.Context) int {
	if telemetry.From(ctx) == nil {
		return 0
	}
	if len(s.timed) == 0 {
		s.timed = timing{1}
		s.Texts = slices.Insert(s.Texts, 1, telemetry.Clock)
		if len(s.Texts) > 2 {
			s.time(ctx)
		}
	}
	return s.timed[len(s.timed)-1]
}

// time has the server say what time it is, and returns the place of the statement.
func (s *Script) time(ctx context.Context) int {
	if telemetry.From(ctx) == nil {
		return 0
	}
	s.timed = append(s.timed, len(s.Texts))
	s.Texts = append(s.Texts, telemetry.Clock)
	return len(s.Texts) - 1
}

// told says which rows a write brings.
func (w *Write) told() telemetry.Rows {
	return telemetry.Rows{Stream: w.Stream.Stats, Rows: w.Batch.Rows(), Size: w.Batch.Size, Read: w.Batch.Started}
}

// tell tells telemetry of the merges and of the COMMIT, as far as the script came. The server's first clock is taken
// for the time at which the script was sent.
func (s *Script) tell(ctx context.Context, conn *pgx.Conn, sent time.Time, results []*pgconn.Result, err error) {
	to, now := telemetry.From(ctx), time.Now()
	if to == nil {
		return
	}
	failed := len(s.Texts)
	if err != nil {
		failed = len(results)
		if failed > 0 && results[failed-1].Err != nil {
			failed--
		}
	}
	if broken := s.rules[failed]; broken != nil && IsUnmeasured(broken(err)) {
		return // it comes again once the table is analyzed
	}
	at := func(clock int) time.Time { return s.clockAt(results[:min(failed, len(results))], sent, clock) }
	last := sent
	if len(s.timed) > 1 && s.timed[1] < failed && len(s.parts) > 0 && s.parts[0].began == s.timed[1] {
		last = at(s.timed[1])
		to.Locked(sent, last)
	}
	for _, p := range s.parts {
		if p.began >= failed {
			break
		}
		from, done := at(p.began), now
		because := err
		if p.ended < failed {
			done, because = at(p.ended), nil
		}
		if !p.load.Direct {
			to.Merge(conn, p.load.told(), from, done, because)
		}
		last = done
	}
	if commit := len(s.Texts) - 1; s.Texts[commit] == pgtx.Commit && failed >= commit {
		to.Commit(conn, last, now, err)
	}
}

// clockAt is when the server said what time it is, by our clock.
func (s *Script) clockAt(results []*pgconn.Result, sent time.Time, clock int) time.Time {
	return sent.Add(secondsTold(results, clock) - secondsTold(results, s.timed[0]))
}

// secondsTold reads what the server said, in time since 1970; 0 if it did not say it.
func secondsTold(results []*pgconn.Result, clock int) time.Duration {
	if clock >= len(results) || len(results[clock].Rows) != 1 {
		return 0
	}
	seconds, _ := strconv.ParseFloat(string(results[clock].Rows[0][0]), 64)
	return time.Duration(seconds * float64(time.Second))
}
