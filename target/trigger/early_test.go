package trigger

import "testing"

func TestTheFirstCheckpointsAreSmall(t *testing.T) {
	t.Parallel()
	const mb = 1 << 20
	for name, c := range map[string]struct {
		bytes, streams, checkpoints int
		idle, room, want            bool
	}{
		"the first megabyte":              {bytes: mb, idle: true, room: true, want: true},
		"less than that":                  {bytes: mb - 1, idle: true, room: true},
		"another megabyte":                {bytes: mb, checkpoints: 1, room: true, want: true},
		"no connection for it":            {bytes: 2 * mb, checkpoints: 1},
		"the second of a connection":      {bytes: mb, checkpoints: 2, idle: true, room: true},
		"the second of a connection, too": {bytes: 2 * mb, checkpoints: 3, room: true, want: true},
		"later, a busy database":          {bytes: 9 * mb, checkpoints: 4, room: true},
		"later, an idle one":              {bytes: 3 * mb, checkpoints: 4, idle: true, room: true, want: true},
		"later, too little":               {bytes: 3*mb - 1, checkpoints: 4, idle: true, room: true},
		"many streams with a little each": {bytes: 2 * mb, streams: 100, idle: true, room: true},
		"many streams with enough":        {bytes: 25 * mb, streams: 100, idle: true, room: true, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := WorthIt(c.bytes, max(c.streams, 1), c.checkpoints, 2, c.idle, c.room); got != c.want {
				t.Errorf("WorthIt is %t", got)
			}
		})
	}
}
