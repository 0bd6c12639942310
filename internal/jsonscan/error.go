package jsonscan

import "strconv"

// SyntaxError says where and why bytes are not JSON. Its text holds nothing of the input, so it can be logged.
type SyntaxError struct {
	// Offset is the index of the byte that cannot stand where it stands, or the length of the input when that ended too
	// early.
	Offset int
	// Reason is in plain words.
	Reason string
}

func (e *SyntaxError) Error() string {
	return "malformed json at byte " + strconv.Itoa(e.Offset) + ": " + e.Reason
}

func truncated(b []byte) error {
	return &SyntaxError{Offset: len(b), Reason: "the text ends in the middle of a value"}
}
