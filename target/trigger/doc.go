// Package trigger says when what was read is to be committed although no batch is full: some time after the last
// checkpoint, soon after the input falls silent, and where the database has nothing to do.
//
// It knows neither rows nor the database. A Trigger belongs to the goroutine that reads the input; its timers have
// goroutines of their own.
package trigger
