//go:build !linux

package resident

// pages are none here.
type pages struct{}

func own() []pages { return nil }

func release([]pages) {}
