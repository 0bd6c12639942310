// Package foresee asks the server which of many rows it would refuse for the reason for which it has refused those
// before them. The server says nothing that it would not say to the row by itself.
//
// A Foresight belongs to one search for refused rows, and is used on its goroutine.
package foresee
