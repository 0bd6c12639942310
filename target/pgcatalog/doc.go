// Package pgcatalog knows what the database has: tables with their columns and indexes, as PostgreSQL's catalogs and
// those of Citus say, and a cache of them.
//
// It knows nothing of streams. A Cache belongs to the goroutine that reads the input: it alone alters tables.
package pgcatalog
