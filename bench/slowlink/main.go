// Command slowlink stands between the program and the server like a long line: what either side sends arrives after a
// delay, at any bandwidth. It also counts what a long line makes expensive, round trips, and notes when the first COPY
// began.
//
//	slowlink -to 127.0.0.1:5432 -delay 10ms
//
// With -pause it stands for a server whose COPY is slow: after each 64 KiB of rows a connection pauses, independently
// of the others.
//
// It prints the address it listens on, and when its standard input ends, a report as one line of JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"target-postgres/internal/netfault"
)

func main() {
	to := flag.String("to", "", "host:port of the server")
	delay := flag.Duration("delay", 0, "how long a byte travels, one way")
	pause := flag.Duration("pause", 0, "how long a connection pauses after each block of rows")
	flag.Parse()
	if err := run(*to, *delay, *pause); err != nil {
		fmt.Fprintln(os.Stderr, "slowlink:", err)
		os.Exit(1)
	}
}

func run(to string, delay, pause time.Duration) error {
	l := &link{pause: pause}
	relay, err := netfault.Listen(to, netfault.Options{Delay: delay, Connected: l.connected})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(os.Stdout, relay.Address()); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	relay.Wait()
	return json.NewEncoder(os.Stdout).Encode(l.report())
}
