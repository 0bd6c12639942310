// Package state has the STATE messages, and the streams that failed: a STATE that would cover a record of one of them
// is not emitted.
//
// A Message does not change. Failures may be added and asked for by any goroutine.
package state
