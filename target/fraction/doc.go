// Package fraction names a part of the rows that a checkpoint has: those between two places of the input, those of one
// stream, or one row. The search for refused rows sends parts to the server and asks about parts.
//
// A Fraction copies no rows and changes none. It belongs to one search, and is used on its goroutine.
package fraction
