package batchfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"target-postgres/target/failure"
	"target-postgres/target/objects"
)

// The first bytes of a compressed file.
var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
	skipMagic = []byte{0x2a, 0x4d, 0x18} // of a frame that zstd passes over, after a byte from 0x50 to 0x5f
)

// mostWindow is how far back a zstd file may refer, as for the zstd program itself. The memory that takes is the
// writer's choice.
const mostWindow = 128 << 20

// unpack decompresses a file of lines. Its first bytes decide how, so that a file is also read whose message does not
// say that it is compressed. One whose message says so, and that is not, is refused.
func unpack(file *objects.File, compression string) (io.ReadCloser, error) {
	said := strings.ToLower(compression)
	if said != "" && said != "none" && said != "gzip" && said != "zstd" {
		return nil, &failure.Error{
			Blame: failure.Stream, Reason: fmt.Sprintf("BATCH compression %q is not supported", compression),
			Hint: "configure the tap's batch_config for gzip, zstd or none",
		}
	}
	content, packed, err := unpackAny(file)
	if err == nil && !packed && (said == "gzip" || said == "zstd") {
		return nil, &failure.Error{
			Blame: failure.Stream, Reason: fmt.Sprintf("BATCH file %s is not %s", file.Name, said),
			Hint: "look at what the tap writes: the compression of its BATCH message is that of the file",
		}
	}
	return content, err
}

// unpackAny decompresses a file if it begins as one that is compressed.
func unpackAny(file *objects.File) (content io.ReadCloser, packed bool, err error) {
	in := bufio.NewReaderSize(file, 1<<16)
	begins, err := in.Peek(len(zstdMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, unread(file, err)
	}
	switch {
	case isGzip(begins):
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return nil, true, unread(file, err)
		}
		return unzipped, true, nil
	case isZstd(begins):
		content, err = unpackZstd(in)
		return content, true, err
	}
	return io.NopCloser(in), false, nil
}

func isGzip(begins []byte) bool { return bytes.HasPrefix(begins, gzipMagic) }

func isZstd(begins []byte) bool {
	return bytes.HasPrefix(begins, zstdMagic) || len(begins) > 3 && begins[0]&0xf0 == 0x50 && bytes.Equal(begins[1:4], skipMagic)
}

func unpackZstd(in io.Reader) (io.ReadCloser, error) {
	decoder, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(mostWindow))
	if err != nil {
		return nil, err
	}
	return decoder.IOReadCloser(), nil
}

// unread is the error of a file that cannot be read to its end: the disk's or the store's, or else its content is not
// what it ought to be.
func unread(file *objects.File, err error) error {
	if fault := file.Fault(); fault != nil {
		return fault
	}
	reason := "its compressed content is damaged"
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		reason = "it is cut off"
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		reason = "it is compressed with a window over 128 MB"
	}
	return &failure.Error{
		Blame: failure.Stream, Reason: fmt.Sprintf("BATCH file %s cannot be read to its end: %s", file.Name, reason),
		Hint: "let the tap write the file again",
	}
}
