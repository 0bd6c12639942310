// Package bisect finds the rows that a server refuses among many, with as few attempts as possible, and knows which of
// its answers may be about a row at all. The caller tells it what to try: rows that a transaction takes or refuses.
//
// It keeps nothing between two searches. A search runs on the goroutine of its caller, in a task of the pipeline.
package bisect
