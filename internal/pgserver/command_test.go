package pgserver

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironmentDropsWhatChangesPostgreSQL(t *testing.T) {
	t.Parallel()
	got := environment([]string{
		"PATH=/bin", "PGDATA=/elsewhere", "PGPORT=1", "LANG=de_DE", "LC_MESSAGES=de_DE", "LANGUAGE=de", "LANGOUSTE=1", "TZ=UTC",
	})
	if diff := cmp.Diff([]string{"PATH=/bin", "LANGOUSTE=1", "TZ=UTC", "LC_ALL=C"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "a": "a", "a\nb\n": "a\nb", "a\nb\nc\n\n": "b\nc"} {
		if got := lastLines(text, 2); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestAFailingProgramIsExplainedByWhatItPrinted(t *testing.T) {
	t.Parallel()
	in := install{bin: openDir(t)}
	writeProgram(t, filepath.Join(in.bin, "initdb"), "#!/bin/sh\npwd\necho no space left >&2\nexit 3\n")
	dir := openDir(t)
	_, err := in.run(t.Context(), nil, dir, "initdb")
	wantError(t, err, "initdb", "exit status 3", dir, "no space left")
	_, err = in.run(t.Context(), nil, dir, "postgres")
	wantError(t, err, "postgres", "no such file")
}

func TestAProgramEndsWithItsContext(t *testing.T) {
	t.Parallel()
	in := install{bin: openDir(t)}
	writeProgram(t, filepath.Join(in.bin, "initdb"), "#!/bin/sh\nexec sleep 60\n")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := in.run(ctx, nil, "/", "initdb")
	wantError(t, err, context.DeadlineExceeded.Error())
}

func TestALockIsHeldByOneAndEndsWithItsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	held, err := lockFile(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*lockPoll)
	defer cancel()
	_, err = lockFile(ctx, path, nil)
	wantError(t, err, path, "another process holds", context.DeadlineExceeded.Error())

	released := make(chan error)
	go func() {
		f, err := lockFile(t.Context(), path, nil)
		if err == nil {
			err = f.Close()
		}
		released <- err
	}()
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-released; err != nil {
		t.Error(err)
	}
	if _, err := lockFile(t.Context(), filepath.Join(path, "absent"), nil); err == nil {
		t.Error("a lock in a file")
	}
}
