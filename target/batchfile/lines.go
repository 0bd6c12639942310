package batchfile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"target-postgres/target/batch"
	"target-postgres/target/objects"
)

// readLines calls take for each line that is not blank.
func readLines(file *objects.File, compression string, take func(record []byte) error) error {
	content, err := unpack(file, compression)
	if err != nil {
		return err
	}
	defer content.Close()
	var long []byte
	in := bufio.NewReaderSize(content, batch.WholeChunk)
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		for long = long[:0]; err == bufio.ErrBufferFull; line, err = in.ReadSlice('\n') { //nolint:errorlint // ReadSlice returns it bare
			long = append(long, line...)
		}
		if len(long) > 0 {
			line = append(long, line...)
		}
		if err != nil && err != io.EOF {
			return unread(file, err)
		}
		line = bytes.TrimSpace(line)
		if len(line) > 0 {
			if faulty := take(line); faulty != nil {
				return at(fmt.Sprintf("%s, line %d", file.Name, n), faulty)
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}
