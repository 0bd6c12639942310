package resident

import "time"

// every is how often pages are given back. What a load needs is read again in a millisecond.
const every = 200 * time.Millisecond

// Limit gives back the pages of the program's file, now and again while the program runs: what prepared a table is not
// needed while rows are loaded. It returns at once, and is for the start of the program.
func Limit() {
	all := own()
	release(all)
	if len(all) > 0 {
		go follow(all, time.Tick(every))
	}
}

// follow releases pages whenever it is told to, until ticks is closed.
func follow(all []pages, ticks <-chan time.Time) {
	for range ticks {
		release(all)
	}
}
