package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// stateFile is the file of --state-file: it holds the newest STATE that was emitted. Every STATE is also written to
// standard output, so that its reader there misses none.
type stateFile struct {
	out  io.Writer
	path string
	mode fs.FileMode
}

// openStateFile proves that the file can be replaced, before anything is loaded. A file that is there keeps its
// contents until a STATE leaves, and its mode; a link stays a link.
func openStateFile(path string, out io.Writer) (*stateFile, error) {
	s := &stateFile{out: out, path: path, mode: 0o600}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		s.path = target
	}
	switch info, err := os.Stat(s.path); {
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("--state-file %s is not a regular file", shown(path))
	case err == nil:
		s.mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, unreadable("--state-file", path, err)
	}
	beside, err := s.beside()
	if err != nil {
		return nil, unwritable("--state-file", path, err)
	}
	return s, errors.Join(beside.Close(), os.Remove(beside.Name()))
}

// beside makes an empty file in the same directory. Its name begins with a dot, so that it is not taken for a STATE.
func (s *stateFile) beside() (*os.File, error) {
	return os.CreateTemp(filepath.Dir(s.path), "."+filepath.Base(s.path)+".*")
}

// Write takes one STATE, as protocol.Writer gives it: a whole line. The file is replaced first: a reader of standard
// output that went away must not cost the bookmark.
func (s *stateFile) Write(line []byte) (int, error) {
	if err := s.replace(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
		return 0, fmt.Errorf("write STATE to --state-file: %w", withoutPath(err))
	}
	return s.out.Write(line)
}

// replace puts a whole new file into the place of the old one: a reader, and a machine after a loss of power, has one
// or the other.
func (s *stateFile) replace(state []byte) (err error) {
	file, err := s.beside()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(append(state, '\n'))
	err = errors.Join(err, file.Chmod(s.mode), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), s.path)
}
