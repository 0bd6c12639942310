package pgserver

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
)

// Running returns the durable server of the directory if it answers, without starting anything; else ErrNotRunning.
func Running(ctx context.Context, dir string) (*Server, error) {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	h, err := durableHome(dir)
	if err != nil {
		return nil, err
	}
	return h.running(ctx, "")
}

// running returns the cluster's server if it answers, waiting while it starts up or recovers.
func (h home) running(ctx context.Context, password string) (*Server, error) {
	_, port, err := h.postmaster()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, err
	}
	major, err := h.major()
	if err != nil {
		return nil, err
	}
	bin, err := h.programs()
	if err != nil {
		return nil, err
	}
	if password, err = h.password(password); err != nil {
		return nil, err
	}
	s := newServer(h, install{bin: bin, major: major}, port, password)
	if port == 0 || !s.alive(ctx) {
		return nil, ErrNotRunning
	}
	if mine, err := s.ping(ctx); err != nil || !mine {
		return nil, cmp.Or(err, ErrNotRunning)
	}
	return s, nil
}
