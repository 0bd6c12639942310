// Package checkpoint commits what was read up to a point of the input, in one transaction: all batches, and then the
// STATEs before that point leave. Rows that the server refuses are isolated in the same transaction; a stream that
// fails leaves the others alone.
//
// It runs on the goroutine that commits. A Checkpoint owns its writes and states; what they share is in the Committer.
// Neither can reach the streams, the buffers or the states that still wait, which belong to the goroutine that reads
// the input.
package checkpoint
