// Package answers finds the settings that nothing of the input answers to: an entry for a stream that does not come, or
// for a field that no stream has. A typing mistake in one changes what is loaded without a word.
//
// It warns once, when all streams are known. The goroutine that reads the input runs it.
package answers
