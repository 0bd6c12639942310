package cli

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"unicode"

	"target-postgres/target/failure"
)

// readNamed reads the file that a flag names.
func readNamed(flag, name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, unreadable(flag, name, err)
	}
	return data, nil
}

// unreadable says why the file of a flag cannot be opened. It names the file only if that can be no text that was given
// in place of a file, since that may hold a password.
func unreadable(flag, name string, err error) error {
	if !isPath(name) {
		return &failure.ConfigError{
			Reason: flag + " takes the name of a file, and was given something else", Hint: "write the text into a file, and give its name",
		}
	}
	hint := "give an existing file to " + flag
	if errors.Is(err, fs.ErrPermission) {
		hint = "let the user who runs target-postgres read it"
	}
	return &failure.ConfigError{Reason: fmt.Sprintf("%s: %s cannot be read", flag, name), Err: withoutPath(err), Hint: hint}
}

// withoutPath is the cause of a fault of the file system, without the path, which it would repeat.
func withoutPath(err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		return cause.Err
	}
	return err
}

// isPath reports whether an argument can be shown as the path that it should be: it is no JSON, YAML, PEM, URL or
// connection string, also not in base64.
func isPath(name string) bool {
	const longest = 1024
	if len(name) > longest || strings.ContainsFunc(name, unicode.IsControl) || strings.ContainsAny(name, "{}[]\"'\r\n=@") || strings.Contains(name, "://") || strings.Contains(name, ": ") ||
		strings.Contains(name, "-----") {
		return false
	}
	decoded, err := base64.StdEncoding.DecodeString(name)
	return err != nil || !strings.HasPrefix(strings.TrimSpace(string(decoded)), "{")
}

// shown is an argument as a message may repeat it.
func shown(argument string) string {
	if isPath(argument) {
		return fmt.Sprintf("%q", argument)
	}
	return "(not shown: it may hold a password)"
}

// unexpected says that an argument follows no flag. A file of JSON is what a user would give to --config.
func unexpected(argument string) string {
	text := "unexpected argument " + shown(argument)
	if isPath(argument) && strings.HasSuffix(argument, ".json") {
		text += " (did you mean --config " + argument + "?)"
	}
	return text
}

// flagOf finds the flag in what package flag says of a value.
var flagOf = regexp.MustCompile(` for (?:flag )?-([a-z-]+): [^"]*$`)

// numbers says of the flags that take one what that is.
var numbers = map[string]string{"port": ": a port is a number"}

// wrongFlag is a flag that cannot be understood. Of what package flag says, the argument itself is left out.
func wrongFlag(err error) *usageError {
	text := err.Error()
	for _, quoted := range []string{"bad flag syntax: ", "invalid boolean value ", "invalid value "} {
		if strings.HasPrefix(text, quoted) {
			if flag := flagOf.FindStringSubmatch(text); flag != nil {
				return &usageError{"the flag --" + flag[1] + " does not take this value" + numbers[flag[1]]}
			}
			return &usageError{"an argument begins with a hyphen and is no flag"}
		}
	}
	if name, found := strings.CutPrefix(text, "flag provided but not defined: "); found && !isPath(name) {
		return &usageError{"an argument begins with a hyphen and is no flag"}
	}
	return &usageError{text}
}
