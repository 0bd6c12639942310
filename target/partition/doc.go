// Package partition plans the partitions of a table: which periods there are, what their bounds and names are, and
// which partitions a run makes or detaches.
//
// It promises that every value of a column belongs to one period, the same in every run and wherever the server is, and
// that a plan never asks for partitions that overlap. It knows no server: the times and the partitions that there are
// go in, a plan comes out. It keeps nothing, so any goroutine may call it.
package partition
