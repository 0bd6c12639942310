package batchfile

import (
	"bytes"
	"errors"
	"io"
	"os"

	"target-postgres/internal/tempfile"
	"target-postgres/target/failure"
	"target-postgres/target/objects"
)

// inMemory is the size up to which a file that has to be read here and there is kept in memory.
const inMemory = 8 << 20

// random is a file of which any part can be read.
type random struct {
	io.ReaderAt
	io.Closer

	size int64
}

// whole makes a file one of which any part can be read: a local one as it is, any other by reading it to its end, in
// one request. A large one is kept in a temporary file meanwhile.
func whole(file *objects.File) (*random, error) {
	if file.Local != nil {
		if local := asItIs(file.Local); local != nil {
			return local, nil
		}
	}
	content, _, err := unpackAny(file)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	var memory bytes.Buffer
	if _, err := io.CopyN(&memory, content, inMemory); errors.Is(err, io.EOF) {
		return &random{ReaderAt: bytes.NewReader(memory.Bytes()), Closer: io.NopCloser(nil), size: int64(memory.Len())}, nil
	} else if err != nil {
		return nil, unread(file, err)
	}
	aside, err := tempfile.New()
	if err != nil {
		return nil, notKept(file, err)
	}
	if err := keep(file, aside, &memory, content); err != nil {
		_ = aside.Close()
		return nil, err
	}
	size, err := aside.Seek(0, io.SeekEnd)
	if err != nil {
		_ = aside.Close()
		return nil, notKept(file, err)
	}
	return &random{ReaderAt: aside, Closer: aside, size: size}, nil
}

// asItIs is a local file, nil if it is compressed as a whole or cannot be read here and there.
func asItIs(local *os.File) *random {
	info, err := local.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	begins := make([]byte, len(zstdMagic))
	n, err := local.ReadAt(begins, 0)
	if err != nil && !errors.Is(err, io.EOF) || isGzip(begins[:n]) || isZstd(begins[:n]) {
		return nil
	}
	return &random{ReaderAt: local, Closer: io.NopCloser(nil), size: info.Size()}
}

// keep writes what was read and the rest into a temporary file.
func keep(file *objects.File, aside *tempfile.File, read *bytes.Buffer, rest io.Reader) error {
	if _, err := aside.Write(read.Bytes()); err != nil {
		return notKept(file, err)
	}
	*read = bytes.Buffer{}
	_, err := io.Copy(aside.File, rest)
	if path, ok := errors.AsType[*os.PathError](err); ok && path.Op == "write" {
		return notKept(file, err)
	}
	if err != nil {
		return unread(file, err)
	}
	return nil
}

func notKept(file *objects.File, err error) error {
	return &failure.Error{
		Blame: failure.Configuration, Reason: "BATCH file " + file.Name + " cannot be kept in a temporary file", Err: err,
		Hint: "set TMPDIR to a directory with enough space for the whole file",
	}
}
