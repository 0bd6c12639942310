package libpq

import (
	"io/fs"
	"strings"
)

// Error is a setting, a variable or a file that cannot be used. No field holds a secret.
type Error struct {
	// Setting is the one to look at; Reason continues its name.
	Setting, Reason, Hint string
	Err                   error
}

// Error returns setting, reason and hint.
func (e *Error) Error() string {
	text := strings.TrimSpace(e.Setting + " " + e.Reason)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// NewError is about a setting; its reason continues the setting's name.
func NewError(setting, reason, hint string) *Error {
	return &Error{Setting: setting, Reason: reason, Hint: hint}
}

// WithoutPath is an error about a file without the file's path, which may be a secret in the wrong setting.
func WithoutPath(err error) error {
	if cause, ok := err.(*fs.PathError); ok { //nolint:errorlint // only the outermost names the path
		return cause.Err
	}
	return err
}
