// Package profile records where the program spends its time. The compiler reads the result, default.pgo beside main.go,
// and arranges the code for it; `make profile` writes it anew.
package profile
