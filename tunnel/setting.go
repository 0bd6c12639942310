package tunnel

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"target-postgres/internal/pathname"
)

// lines undoes what environment variables, JSON and forms do to text of several lines: CRLF, the two characters \n in
// place of a line break, indentation.
func lines(text string) []string {
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", "\r\n", "\n", "\r", "\n").Replace(text)
	var out []string
	for line := range strings.Lines(text) {
		out = append(out, strings.TrimSpace(line))
	}
	return out
}

// readSetting reads the file a setting names. A text that does not look like a path is never repeated in the error,
// since it may be the secret itself, put into the wrong setting.
func readSetting(setting, path, home string) (string, error) {
	if strings.Contains(path, "-----") || strings.ContainsAny(path, "\r\n") || len(path) > 1024 {
		return "", configError(setting+" is not the path of a file", "it takes a path, not the text of a key")
	}
	data, err := os.ReadFile(expandHome(path, home))
	if err != nil {
		if cause, ok := errors.AsType[*fs.PathError](err); ok {
			err = cause.Err
		}
		return "", &Error{
			Step: StepConfigure, Reason: "cannot read " + setting + shown(path) + ": " + err.Error(),
			Hint: "check the path and its permissions", Err: err,
		}
	}
	return string(data), nil
}

// shown is a path for a message, after a space; "" for what may be a part of a key.
func shown(path string) string {
	if !pathname.Printable(path) {
		return ""
	}
	return " " + foreign(path)
}

func expandHome(path, home string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok || home == "" {
		return path
	}
	return filepath.Join(home, rest)
}
