// Package e2e tests the program as a whole: the command line, with a real input and a real server, and what is in the
// tables afterwards. It has tests only.
//
// Most tests are scenarios, folders of testdata/scenarios that need no Go. The others kill the program, signal it, put
// parts of a table on other servers, or search for secrets in everything that it prints.
package e2e
