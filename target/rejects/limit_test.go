package rejects

import (
	"sync"
	"testing"
)

func TestRejects_BothGoroutinesTogetherNeverPassALimit(t *testing.T) {
	t.Parallel()
	for range 100 {
		const most = 20
		c := newCounts()
		var all sync.WaitGroup
		of, read, committed := limit{most: most}, 0, 0
		all.Go(func() {
			for range most {
				if c.count(of) {
					read++
				}
			}
		})
		all.Go(func() {
			for range 4 {
				claimed := 0
				for claimed < most/4 && c.claim(of, claimed+1) {
					claimed++
				}
				for range claimed {
					c.settle(of)
				}
				committed += claimed
			}
		})
		all.Wait()
		if read+committed != most {
			t.Fatalf("%d records were rejected, %d of them while reading, want the limit of %d", read+committed, read, most)
		}
	}
}

func TestRejects_ARollbackFreesWhatATransactionClaimed(t *testing.T) {
	t.Parallel()
	c := newCounts()
	of, other := limit{most: 2}, limit{stream: "s", most: 2}
	if !c.claim(of, 2) || c.count(of) || !c.count(other) {
		t.Error("a claim does not take the room of its limit alone")
	}
	if c.release(); !c.count(of) || c.claim(of, 2) || !c.claim(of, 1) {
		t.Error("after a rollback there is not the room for one record of each goroutine")
	}
	if c.settle(of); c.allows(of, 1) || c.count(of) {
		t.Error("the limit has room although two records were rejected")
	}
}
