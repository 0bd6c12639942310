// Command pour writes a stream of any length to standard output, so that the benchmark can measure large loads without
// large files. It repeats the records of a Singer file (or, with -csv, the lines of a CSV file) and numbers them anew:
// the record's first field must be the key "id".
//
//	pour -rows 30000000 flights.singer | target-postgres --config config.json
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
)

const (
	// block is the number of records that are held in memory and repeated.
	block = 50_000
	// stateEvery is how many records lie between two STATE messages.
	stateEvery = 10_000
	// buffer is what one write takes: fewer system calls than lines.
	buffer = 1 << 20
)

func main() {
	rows := flag.Int("rows", 1_000_000, "how many records to write")
	streams := flag.Int("streams", 1, "over how many streams to spread them")
	csv := flag.Bool("csv", false, "the file is CSV")
	flag.Parse()
	if err := run(flag.Arg(0), *rows, *streams, *csv); err != nil {
		fmt.Fprintln(os.Stderr, "pour:", err)
		os.Exit(1)
	}
}

func run(path string, rows, streams int, csv bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriterSize(os.Stdout, buffer)
	p := singer{streams: streams}
	write := p.write
	if csv {
		write = writeCSV
	}
	if err := write(out, bufio.NewReaderSize(file, buffer), rows); err != nil {
		return err
	}
	return out.Flush()
}

// writeCSV numbers the lines in their first field.
func writeCSV(out *bufio.Writer, in *bufio.Reader, rows int) error {
	var rests [][]byte
	if err := each(in, func(line []byte) bool {
		_, rest, found := bytes.Cut(line, []byte{','})
		if found {
			rests = append(rests, rest)
		}
		return len(rests) < min(block, rows)
	}); err != nil {
		return err
	}
	if len(rests) == 0 {
		return errors.New("no line has a field")
	}
	var number []byte
	for n := range rows {
		number = append(strconv.AppendInt(number[:0], int64(n), 10), ',')
		if _, err := out.Write(number); err != nil {
			return err
		}
		if _, err := out.Write(rests[n%len(rests)]); err != nil {
			return err
		}
	}
	return nil
}

// each calls take with every line, its newline included, as long as it returns true.
func each(in *bufio.Reader, take func(line []byte) bool) error {
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !take(line) {
			return nil
		}
	}
}
