package cli

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"target-postgres/internal/logging"
	"target-postgres/target/libpq"
)

// ask asks for the settings that no flag has given, and fails if there is no terminal to ask on.
func (p *Program) ask(a *initial) error {
	terminal, is := p.Stdin.(*os.File)
	if !is || !isTerminal(terminal) {
		return a.lacking()
	}
	in := bufio.NewReader(terminal)
	if a.URL == "" {
		if err := p.askPlace(in, a); err != nil {
			return err
		}
	}
	if a.Password == "" && !a.urlHasPassword() {
		show := p.hide(terminal)
		answer, err := p.question(in, "password: ")
		show()
		fmt.Fprintln(p.Stderr)
		if err != nil {
			return err
		}
		a.Password = answer
	}
	return a.lacking()
}

// askPlace asks where the database is, and who loads into it.
func (p *Program) askPlace(in *bufio.Reader, a *initial) error {
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
		answer, err := p.choice(in, question.about, question.fallback)
		if err != nil {
			return err
		}
		*question.into = answer
	}
	if a.Port == 0 {
		answer, err := p.choice(in, "port", "5432")
		if err != nil {
			return err
		}
		if a.Port, err = strconv.Atoi(answer); err != nil {
			return &usageError{"a port is a number"}
		}
	}
	return nil
}

// choice asks for one setting, for which there may be a value already. Without one it asks until there is an answer.
func (p *Program) choice(in *bufio.Reader, about, fallback string) (string, error) {
	if fallback != "" {
		about += " [" + fallback + "]"
	}
	for {
		answer, err := p.question(in, about+": ")
		if err != nil {
			return "", err
		}
		if answer = cmp.Or(strings.TrimSpace(answer), fallback); answer != "" {
			return answer, nil
		}
	}
}

// question asks, and returns the answer as it was typed: a password may begin or end with a space.
func (p *Program) question(in *bufio.Reader, text string) (string, error) {
	fmt.Fprint(p.Stderr, text)
	line, err := in.ReadString('\n')
	if err != nil {
		return "", errors.New("the terminal gave no answer")
	}
	return strings.TrimRight(line, "\r\n"), nil
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
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		select {
		case received := <-interrupted:
			_ = stty(terminal, "echo")
			const bySignal = 128 // as shells have it: 130 for SIGINT, 143 for SIGTERM
			number, _ := received.(syscall.Signal)
			os.Exit(bySignal + int(number))
		case <-over:
		}
	}()
	return func() {
		signal.Stop(interrupted)
		close(over)
		_ = stty(terminal, "echo")
	}
}

// urlHasPassword reports whether the URL has a password, or a file of them. One that cannot be read is the business of
// the check.
func (a *initial) urlHasPassword() bool {
	if a.URL == "" {
		return false
	}
	params, fault := libpq.ParseURL(a.URL)
	return fault != nil || params["password"].Value != "" || params["passfile"].Value != ""
}

// lacking is the error of settings that a configuration needs and nothing gives, nil if it has all.
func (a *initial) lacking() error {
	var flags []string
	if a.URL != "" {
		return nil
	}
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
