// Package faults holds the program to its two promises under faults: that it never loses a row, and that a STATE never
// leaves before every record it covers is visible to others.
//
// It has tests only. They run the real binary against a real server, through a proxy that can cut, stall or swallow the
// connection at any byte and that knows where a COMMIT is. While a run goes on, a connection of its own reads the
// tables for every STATE, before anything that the loader sends later reaches the server: a STATE that leaves early is
// caught, however soon the COMMIT follows. What the tables hold after a fault and a resumed run is compared, row for
// row, with the same input loaded undisturbed in one batch.
//
// Inputs, and the points at which faults strike, come from seeds. FAULT_SEEDS says how many of them each fault is run
// with in each load mode (1), FAULT_COPY_FORMAT which copy_format the program has, FAULT_PARALLELISM which parallelism
// (2, 4 and 8 by turns); the last line of the output says what was run.
package faults
