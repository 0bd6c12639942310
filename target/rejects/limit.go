package rejects

import (
	"slices"
	"sync"

	"target-postgres/target/revision"
)

// limit is a limit on the number of rejected records.
type limit struct {
	// stream is the stream that has the limit to itself, "" for the one of all others.
	stream string
	most   int
}

// counts are those of the rejected records, by limit. One goroutine rejects records as it reads them, and counts each
// at once. The other one learns from the server which rows it refuses, and rejects them with its transaction: it claims
// room for them before, so that both together never pass a limit.
type counts struct {
	mu               sync.Mutex
	counted, claimed map[limit]int
}

func newCounts() counts { return counts{counted: map[limit]int{}, claimed: map[limit]int{}} }

// count counts one record, and reports whether the limit had room for it.
func (c *counts) count(of limit) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counted[of]+c.claimed[of] >= of.most {
		return false
	}
	c.counted[of]++
	return true
}

// allows reports whether the limit has room for so many more, beside those that are claimed.
func (c *counts) allows(of limit, more int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counted[of]+c.claimed[of]+more <= of.most
}

// claim keeps room for all that the open transaction rejects, so many in place of those claimed before, and reports
// whether the limit has it.
func (c *counts) claim(of limit, all int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counted[of]+all > of.most {
		return false
	}
	c.claimed[of] = all
	return true
}

// settle counts one of those claimed, which is committed now.
func (c *counts) settle(of limit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claimed[of] = max(0, c.claimed[of]-1)
	c.counted[of]++
}

// release gives up all that is claimed.
func (c *counts) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.claimed)
}

// Counted are numbers of records of each stream. The nil Counted has none.
type Counted []counted

type counted struct {
	of *revision.Revision
	n  int
}

// With counts one more. It changes c.
func (c Counted) With(of *revision.Revision) Counted {
	if i := slices.IndexFunc(c, func(one counted) bool { return one.of.Is(of) }); i >= 0 {
		c[i].n++
		return c
	}
	return append(c, counted{of, 1})
}

// Among is how many of some records count for the same limit as those of a stream.
func (r *Rejects) Among(records Counted, of *revision.Revision) int {
	n := 0
	for _, one := range records {
		if r.Together(one.of, of) {
			n += one.n
		}
	}
	return n
}
