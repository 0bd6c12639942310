//go:build unix

package faults

import (
	"slices"
	"strconv"
	"testing"

	"target-postgres/internal/pgserver"
	"target-postgres/internal/pgtest"
)

// faults are all faults that strike one loader.
func faults() []*fault {
	return slices.Concat(signals(), sessions(), network(), locks(), pipes(), limits(), machine())
}

// TestNoFaultLosesARowOrLetsAStateLeaveEarly runs every fault in every load mode.
func TestNoFaultLosesARowOrLetsAStateLeaveEarly(t *testing.T) {
	t.Parallel()
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			url, server := pgtest.URL(t), (*pgserver.Server)(nil)
			if f.restarts {
				// Without synchronous_commit a server that crashes may lose what it has acknowledged.
				server = pgtest.Server(t, map[string]string{"synchronous_commit": "on"})
				url = server.URL
			}
			for _, m := range modes() {
				if f.only != nil && !f.only(m) {
					continue
				}
				for seed := range max(1, seeds()/max(1, f.fewer)) {
					t.Run(m.name+"/"+strconv.Itoa(seed), func(t *testing.T) {
						if !f.restarts { // which one trial at a time can stand
							t.Parallel()
						}
						newTrial(t, f, m, uint64(seed), url, server).run()
					})
				}
			}
		})
	}
}
