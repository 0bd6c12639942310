// Package resident keeps small what of the program itself is in memory.
//
// The libraries of object stores, Parquet and telemetry are linked into every run, and most runs need none of them. But
// when the program starts each of them sets up its tables, and the pages of the program's file that this touches stay
// with the process: 13 MB, which look like memory that the load needs. They can be read again at any time. So can those
// that were needed once, and each brings its neighbours along: after the tables are prepared, another 9 MB.
package resident
