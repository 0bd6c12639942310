// Command slowlink stands between the program and the server like a long line: what either side sends arrives after a
// delay, at any bandwidth. It also counts what a long line makes expensive, round trips, and notes when the first COPY
// began.
//
//	slowlink -to 127.0.0.1:5432 -delay 10ms
//
// It prints the address it listens on, and when its standard input ends, a report as one line of JSON.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

func main() {
	to := flag.String("to", "", "host:port of the server")
	delay := flag.Duration("delay", 0, "how long a byte travels, one way")
	flag.Parse()
	if err := run(*to, *delay); err != nil {
		fmt.Fprintln(os.Stderr, "slowlink:", err)
		os.Exit(1)
	}
}

func run(to string, delay time.Duration) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(os.Stdout, listener.Addr()); err != nil {
		return err
	}
	l := &link{to: to, delay: delay}
	served := make(chan error, 1)
	go func() { served <- l.serve(listener) }()
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	err = errors.Join(listener.Close(), <-served)
	l.lines.Wait()
	return errors.Join(err, json.NewEncoder(os.Stdout).Encode(l.report()))
}
