package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRowsPauseAndNothingElseDoes sends the same number of bytes as a query and as rows, in pieces of several sizes.
func TestRowsPauseAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	startup := message(0, "user")[1:]
	query := message('Q', strings.Repeat("x", 3*block))
	rows := message('d', strings.Repeat("x", 3*block))
	for _, size := range []int{1000, block, 10 * block} {
		p := &paces{}
		one := p.pacer(time.Microsecond)
		var sent []byte
		keep := one.pass(func(data []byte, send func([]byte) error) error { return send(data) })
		carry := func(data []byte) {
			for part := range slices.Chunk(data, size) {
				if err := keep(part, func(b []byte) error { sent = append(sent, b...); return nil }); err != nil {
					t.Fatal(err)
				}
			}
		}
		carry(slices.Concat(startup, query))
		if most, _ := p.busy(); most != 0 {
			t.Errorf("in pieces of %d bytes a query pauses", size)
		}
		carry(rows)
		if most, average := p.busy(); most != 1 || average <= 0 || average > 1 {
			t.Errorf("in pieces of %d bytes %d connections are busy at once and %.2f on average, want one", size, most, average)
		}
		if !bytes.Equal(slices.Concat(startup, query, rows), sent) {
			t.Errorf("in pieces of %d bytes other bytes arrive", size)
		}
	}
}

func TestConnectionsThatPauseAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	p := &paces{}
	var leave []func()
	for range 3 {
		leave = append(leave, p.enter())
	}
	for _, one := range leave {
		one()
	}
	p.enter()()
	if most, _ := p.busy(); most != 3 {
		t.Errorf("%d connections are busy at once, want 3", most)
	}
}
