package target

import (
	"time"

	"target-postgres/target/config"
	"target-postgres/target/pipeline"
)

// retryOf is what the settings say.
func retryOf(c *config.Config) pipeline.Retry {
	return pipeline.Retry{
		Lost:  time.Duration(c.MaxRetrySeconds) * time.Second,
		First: time.Duration(min(c.FirstConnectionSeconds, c.MaxRetrySeconds)) * time.Second,
	}
}

// Doing says in words what the run is waiting for or working on, from any goroutine.
func (t *Target) Doing() string {
	if doing := t.ending.WaitsFor(); doing != "" {
		return doing
	}
	return "committing what was read"
}
