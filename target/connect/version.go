package connect

import (
	"fmt"
	"strconv"
	"strings"
)

// oldest is the first major version of PostgreSQL that a load works with.
const oldest = 13

// checkVersion refuses a server that is too old, by what it reports at the login (server_version). A server or a proxy
// that reports nothing, or something else than a number, is given a try.
func (s *server) checkVersion(reported string) *Error {
	major, known := majorVersion(reported)
	if !known || major >= oldest {
		return nil
	}
	return &Error{
		Step:   StepLogin,
		Reason: fmt.Sprintf("the server %s is PostgreSQL %s, and target-postgres needs PostgreSQL %d or newer", s.place, foreign(reported), oldest),
		Hint:   "upgrade the server, or load into another one",
	}
}

// majorVersion reads the number that a version begins with, as in 9.6.24, 12.22 (Debian 12.22-1) or 18beta1.
func majorVersion(reported string) (int, bool) {
	digits := strings.IndexFunc(reported+" ", func(r rune) bool { return r < '0' || r > '9' })
	major, err := strconv.Atoi(reported[:digits])
	return major, err == nil
}
