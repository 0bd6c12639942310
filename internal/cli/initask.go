package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"

	"target-postgres/internal/logging"
)

// ask asks for the settings that no flag has given, and fails if there is no terminal to ask on.
func (p *Program) ask(a *initial) error {
	if a.URL != "" {
		return nil
	}
	terminal, is := p.Stdin.(*os.File)
	if !is || !isTerminal(terminal) {
		return a.lacking()
	}
	in := bufio.NewReader(terminal)
	for _, question := range []struct {
		about, fallback string
		into            *string
	}{
		{"host", "localhost", &a.Host}, {"username", p.Getenv("USER"), &a.Username}, {"database", "", &a.Database},
	} {
		if *question.into != "" {
			continue
		}
		if question.about == "database" {
			question.fallback = a.Username
		}
		answer, err := p.question(in, question.about, question.fallback)
		if err != nil {
			return err
		}
		*question.into = answer
	}
	if a.Port == 0 {
		answer, err := p.question(in, "port", "5432")
		if err != nil {
			return err
		}
		if a.Port, err = strconv.Atoi(answer); err != nil {
			return &usageError{"a port is a number"}
		}
	}
	if a.Password == "" {
		show := p.hide(terminal)
		answer, err := p.question(in, "password", "")
		show()
		fmt.Fprintln(p.Stderr)
		if err != nil {
			return err
		}
		a.Password = answer
	}
	return a.lacking()
}

// question asks for one setting.
func (p *Program) question(in *bufio.Reader, about, fallback string) (string, error) {
	if fallback != "" {
		about += " [" + fallback + "]"
	}
	fmt.Fprint(p.Stderr, about+": ")
	line, err := in.ReadString('\n')
	if err != nil {
		return "", errors.New("the terminal gave no answer")
	}
	if line = strings.TrimSpace(line); line == "" {
		return fallback, nil
	}
	return line, nil
}

// isTerminal reports whether a user can type into the file. To [logging.IsTerminal], /dev/null passes for a terminal.
func isTerminal(file *os.File) bool { return logging.IsTerminal(file) && stty(file, "-g") == nil }

// stty sets a terminal, or fails where there is none.
func stty(terminal *os.File, how string) error {
	set := exec.Command("stty", how) //nolint:noctx // it is over at once
	set.Stdin = terminal
	return set.Run()
}

// hide keeps the terminal from showing what is typed, until what it returns is called or a signal ends the program.
func (p *Program) hide(terminal *os.File) (show func()) {
	if stty(terminal, "-echo") != nil {
		fmt.Fprint(p.Stderr, "(what you type will be shown) ")
		return func() {}
	}
	interrupted, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(interrupted, os.Interrupt)
	go func() {
		select {
		case <-interrupted:
			_ = stty(terminal, "echo")
			os.Exit(exitInterrupted)
		case <-over:
		}
	}()
	return func() {
		signal.Stop(interrupted)
		close(over)
		_ = stty(terminal, "echo")
	}
}

// lacking is the error of settings that a configuration needs and nothing gives, nil if it has all.
func (a *initial) lacking() error {
	var flags []string
	for _, one := range []struct{ flag, value string }{{"--host", a.Host}, {"--username", a.Username}, {"--database", a.Database}} {
		if one.value == "" {
			flags = append(flags, one.flag)
		}
	}
	if len(flags) == 0 {
		return nil
	}
	return &usageError{"init needs " + strings.Join(flags, ", ") + " (or --url), because it cannot ask on a terminal; give the password with --password or the variable " +
		variablePrefix + "PASSWORD"}
}
