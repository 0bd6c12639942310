package cli

import (
	"io/fs"
	"strings"
	"testing"
)

func TestAFileThatCannotBeReadIsNamedWithWhatHelps(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]string{
		fs.ErrNotExist:   "--config: c.json cannot be read: file does not exist (give an existing file to --config)",
		fs.ErrPermission: "--config: c.json cannot be read: permission denied (let the user who runs target-postgres read it)",
	} {
		err := unreadable("--config", "c.json", &fs.PathError{Op: "open", Path: "c.json", Err: cause})
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
	if err := unreadable("--config", `{"password": "secret"}`, fs.ErrNotExist); strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}
