// Package foresee asks the server which of many rows it would refuse for the reason for which it has refused those
// before them. The server says nothing that it would not say to the row by itself.
//
// Its methods fail if the connection is lost. A question that the server does not answer is no error: the rows are then
// tried one by one.
//
// A Foresight belongs to one search for refused rows, and is used on its goroutine.
package foresee
