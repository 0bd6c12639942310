package target

import "time"

// TouchEvery sets how long the server may say nothing while rows wait.
func (t *Target) TouchEvery(every time.Duration) { t.buffers.touchEvery = every }
