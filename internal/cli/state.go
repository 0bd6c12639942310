package cli

import (
	"context"
	"fmt"
	"log/slog"

	"target-postgres/internal/logging"
	"target-postgres/target"
)

// state prints the newest STATE that is saved in the database, for a tap to start from. Before the first one that is an
// empty object: a tap wants JSON.
func (p *Program) state(ctx context.Context, signals *signals) error {
	p.log = slog.New(logging.NewSingerHandler(p.Stderr, logging.IsTerminal(p.Stderr), p.Getenv))
	signals.log.Store(p.log)
	cfg, err := p.singerConfig(p.log)
	if err != nil {
		return err
	}
	saved, err := target.SavedState(ctx, cfg, p.log)
	if err != nil {
		return err
	}
	if saved == "" {
		p.log.InfoContext(ctx, "no STATE is saved yet: the tap starts from the beginning", "state_id", cfg.StateID)
		saved = "{}"
	}
	if _, err := fmt.Fprintln(p.Stdout, saved); err != nil {
		return fmt.Errorf("print the STATE: %w", err)
	}
	return nil
}
