package pgserver

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// fakeInstall makes programs that only print a version.
func fakeInstall(t *testing.T, version string, missing ...string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Fatal("needs a shell")
	}
	dir := openDir(t)
	for _, program := range []string{"initdb", "pg_ctl", "postgres"} {
		writeProgram(t, filepath.Join(dir, program), "#!/bin/sh\necho '"+version+"'\n")
	}
	for _, program := range missing {
		if err := os.Remove(filepath.Join(dir, program)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheNewestFittingProgramsAreTaken(t *testing.T) {
	t.Parallel()
	v12 := fakeInstall(t, "postgres (PostgreSQL) 12.22")
	v14 := fakeInstall(t, "postgres (PostgreSQL) 14.18 (Ubuntu 14.18-1)")
	v17 := fakeInstall(t, "postgres (PostgreSQL) 17beta2")
	broken := fakeInstall(t, "Segmentation fault")
	clientOnly := fakeInstall(t, "postgres (PostgreSQL) 18.1", "initdb")
	all := []string{broken, v14, v17, clientOnly, v12, filepath.Join(v12, "absent")}
	as, err := serviceAccount()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		dirs []string
		want int
		bin  string
	}{
		{"the newest of all", all, 0, v17},
		{"the one asked for", all, 14, v14},
		{"none of that version", all, 16, ""},
		{"none that is supported", []string{v12, broken, clientOnly}, 0, ""},
		{"nothing", nil, 0, ""},
	} {
		in, ok := newestOf(t.Context(), tt.dirs, tt.want, as)
		if ok != (tt.bin != "") || in.bin != tt.bin {
			t.Errorf("%s: %q, want %q", tt.name, in.bin, tt.bin)
		}
	}
}

func TestPGBINComesFirst(t *testing.T) {
	as, err := serviceAccount()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGBIN", fakeInstall(t, "postgres (PostgreSQL) 13.21"))
	for _, wanted := range []int{0, 13} {
		in, err := locate(t.Context(), wanted, as, nil)
		if err != nil || in.bin != os.Getenv("PGBIN") || in.major != 13 {
			t.Errorf("wanted %d: %+v, %v", wanted, in, err)
		}
	}
	in, err := locate(t.Context(), 18, as, t.Logf)
	if err != nil || in.major != 18 {
		t.Errorf("another version than PGBIN's: %+v, %v", in, err)
	}
	t.Setenv("PGBIN", t.TempDir())
	_, err = locate(t.Context(), 0, as, nil)
	wantError(t, err, "PGBIN", "initdb")
}

func TestProgramsOnThePathAreFoundBehindLinks(t *testing.T) {
	dir := fakeInstall(t, "postgres (PostgreSQL) 13.21")
	links := t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "pg_ctl"), filepath.Join(links, "pg_ctl")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", links+string(filepath.ListSeparator)+os.Getenv("PATH"))
	want, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if found := candidates(); !slices.Contains(found, want) {
		t.Errorf("%s is not among %q", want, found)
	}
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"": 0, "13": 13, "18": 18, "19": 19} {
		if got, err := parseVersion(version); got != want || err != nil {
			t.Errorf("%q: %d, %v", version, got, err)
		}
	}
	for _, version := range []string{"12", "15.3", "latest", "-15"} {
		_, err := parseVersion(version)
		wantError(t, err, version, "from 13 to 18")
	}
	for _, o := range []Options{{Version: "9"}, {Version: "9", Durable: true, DataDir: openDir(t)}} {
		_, err := Start(t.Context(), o)
		wantError(t, err, `PostgreSQL version "9"`)
	}
}
