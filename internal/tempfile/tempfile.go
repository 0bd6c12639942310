// Package tempfile makes temporary files that no other user can read, and that are gone when they are closed or the
// program ends.
package tempfile

import (
	"fmt"
	"os"
)

// File is a temporary file.
type File struct {
	*os.File

	name string
}

// New makes an empty file in the directory for temporary files: $TMPDIR, or /tmp. The error is that of the operating
// system.
func New() (*File, error) {
	file, err := os.CreateTemp("", "target-postgres-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file (set TMPDIR to a directory with enough space): %w", err)
	}
	f := &File{File: file, name: file.Name()}
	if os.Remove(f.name) == nil { // an open file stays readable without a name, but not on Windows
		f.name = ""
	}
	return f, nil
}

// Close closes the file and removes it.
func (f *File) Close() error {
	err := f.File.Close()
	if f.name != "" {
		return os.Remove(f.name)
	}
	return err
}
