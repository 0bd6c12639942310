// Package registry knows the streams of the input: what each SCHEMA asks for, in which table and under which names, and
// which streams share a table.
//
// It promises that two streams have one table only where the settings say so. It changes nothing in the database: it
// asks for the tables that are there. The goroutine that reads the input runs it.
package registry
