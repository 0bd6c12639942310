// Package tlsfiles reads certificates and private keys for TLS: from a path or from the text itself, encrypted or not.
//
// It promises that no error holds a part of a key. A key file that others can read is refused, as by PostgreSQL's own
// library. Any goroutine may call it.
package tlsfiles
