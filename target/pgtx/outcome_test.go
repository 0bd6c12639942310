package pgtx

import (
	"testing"

	"target-postgres/target/failure"
)

// TestAnOutcomeIsProvedOnlyByTheServerThatGaveTheNumber weighs answers without a server.
func TestAnOutcomeIsProvedOnlyByTheServerThatGaveTheNumber(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer answer
		want   Outcome
		waits  bool
	}{
		"the same server committed it":                 {answer{status: "committed", same: true, unbroken: true}, Committed, false},
		"the same server aborted it":                   {answer{status: "aborted", same: true, unbroken: true}, RolledBack, false},
		"the same server never gave the number":        {answer{status: notYet, same: true, unbroken: true}, RolledBack, false},
		"the same server is at it":                     {answer{status: "in progress", same: true, unbroken: true}, RolledBack, true},
		"the same server forgot it":                    {answer{status: "", same: true, unbroken: true}, Unknowable, false},
		"its processes have crashed, committed":        {answer{status: "committed", same: true}, Unknowable, false},
		"its processes have crashed, and it goes on":   {answer{status: "committed", same: true, successor: true}, Doubtful, false},
		"it was restarted, aborted":                    {answer{status: "aborted", successor: true}, RolledBack, false},
		"it was restarted, another one has the number": {answer{status: "in progress", successor: true}, RolledBack, false},
		"it was restarted, committed":                  {answer{status: "committed", successor: true}, Doubtful, false},
		"another server says committed":                {answer{status: "committed"}, Unknowable, false},
		"another server says aborted":                  {answer{status: "aborted"}, Unknowable, false},
		"another server is at something":               {answer{status: "in progress"}, Unknowable, false},
		"a standby says committed":                     {answer{status: "committed", standby: true, same: true, unbroken: true}, RolledBack, true},
		"nobody says anything":                         {answer{}, Unknowable, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.answer.outcome()
			if got != test.want || (err != nil) != test.waits || err != nil && !failure.Transient(err) {
				t.Errorf("outcome %d, error %v; want %d, to be asked again: %t", got, err, test.want, test.waits)
			}
		})
	}
}

// TestAnotherServerContinuesOnlyOneHistory compares the servers of two transactions of a run.
func TestAnotherServerContinuesOnlyOneHistory(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, now Transaction
		want        bool
	}{
		"the same server":                   {Transaction{server: "1", history: "a"}, Transaction{server: "1", history: "a"}, true},
		"restarted":                         {Transaction{server: "1", history: "a"}, Transaction{server: "2", history: "a"}, true},
		"promoted":                          {Transaction{server: "1", history: "a"}, Transaction{server: "2", history: "b"}, false},
		"the history is not told, the same": {Transaction{server: "1"}, Transaction{server: "1"}, true},
		"the history is not told, another":  {Transaction{server: "1"}, Transaction{server: "2", history: "a"}, false},
		"neither is told by one of both":    {Transaction{}, Transaction{server: "2", history: "a"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.now.Continues(test.before); got != test.want {
				t.Errorf("continues: %t, want %t", got, test.want)
			}
		})
	}
}
