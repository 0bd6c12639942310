//go:build unix

package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"target-postgres/internal/pgtest"
)

// machine are faults of the machines: of the server's disk and of the program's clock.
func machine() []*fault {
	return []*fault{
		{
			name: "disk full", codes: []int{1}, restarts: true, fewer: 2,
			prepare: func(tr *trial) { tr.smallDisk() },
			strike:  func(tr *trial, _ *process) { tr.fillDisk() },
			disarm:  func(tr *trial) { _ = os.Remove(tr.filler()) },
		},
		{
			name: "clock set back and forth", codes: recovers(),
			prepare: func(tr *trial) { tr.unsteady() },
			wrap: func(tr *trial) []string {
				tr.struck.Store(true)
				return []string{"sh", "-c", "exec '" + tr.stash.(string) + `' "$@"`}
			},
		},
	}
}

// smallDisk puts all that the program's role writes on a disk of its own, of a few megabytes, whose directory the stash
// keeps.
func (tr *trial) smallDisk() {
	tr.lesserRole()
	role := tr.stash.(string)
	dir := filepath.Join(pgtest.Dir(tr.t), "space")
	if err := os.Mkdir(dir, 0o755); err != nil {
		tr.t.Fatal(err)
	}
	owner := os.Geteuid()
	if info, err := os.Stat(tr.server.DataDir); err == nil {
		owner = int(info.Sys().(*syscall.Stat_t).Uid)
	}
	asRoot := func(args ...string) error {
		if os.Geteuid() != 0 {
			args = append([]string{"sudo", "-n"}, args...)
		}
		return exec.Command(args[0], args[1:]...).Run()
	}
	if err := asRoot("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=12m,mode=0777,uid=%d", owner), "tmpfs", dir); err != nil {
		tr.t.Skipf("A FULL DISK IS NOT TESTED: a small one cannot be mounted here: %v", err)
	}
	tr.t.Cleanup(func() {
		// Up to PostgreSQL 14, a process of the server may keep a file open after its table is gone.
		if err := asRoot("umount", "--lazy", dir); err != nil {
			tr.t.Errorf("unmount %s: %v", dir, err)
		}
	})
	data := filepath.Join(dir, "data")
	err := errors.Join(os.Mkdir(data, 0o700), os.Chown(data, owner, -1))
	if err != nil {
		tr.t.Fatal(err)
	}
	name := "space_of_" + tr.schema
	tr.sql("CREATE TABLESPACE " + name + " LOCATION '" + data + "'")
	tr.t.Cleanup(func() { tr.sql("DROP SCHEMA " + tr.schema + " CASCADE"); tr.sql("DROP TABLESPACE " + name) })
	tr.sql("GRANT CREATE ON TABLESPACE " + name + " TO " + role)
	tr.sql("ALTER ROLE " + role + " SET default_tablespace TO '" + name + "'")
	tr.sql("ALTER ROLE " + role + " SET temp_tablespaces TO '" + name + "'")
	tr.stash = dir
}

func (tr *trial) filler() string { return filepath.Join(tr.stash.(string), "filler") }

// fillDisk takes the space, as another program would.
func (tr *trial) fillDisk() {
	f, err := os.Create(tr.filler())
	if err != nil {
		tr.problemf(nil, "fill the disk: %v", err)
		return
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		switch _, err := f.Write(make([]byte, size)); {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		case err != nil:
			tr.problemf(nil, "fill the disk: %v", err)
			return
		}
	}
}

// unsteady keeps in the stash a program whose clock jumps three hours back, and forth again, every few times it is
// looked at.
func (tr *trial) unsteady() {
	if seeds() < 2 {
		tr.t.Skip("building a program whose clock is set back takes long: set FAULT_SEEDS to 2 or more")
	}
	program, err := unsteadyProgram()
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.stash = program
}

// unsteadyProgram builds the program with another clock: nothing else of it differs from the one that is shipped.
var unsteadyProgram = sync.OnceValues(func() (string, error) {
	dir := filepath.Dir(executable)
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	original := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	source, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	const look = "\tsec, nsec, mono := runtimeNow()\n"
	changed := strings.Replace(string(source), look, look+"\tif looks.Add(1)/5%2 == 1 {\n\t\tsec -= 3 * 3600\n\t}\n", 1)
	changed = strings.Replace(changed, "import (", "import (\n\t\"sync/atomic\"", 1) + "\nvar looks atomic.Int64\n"
	if !strings.Contains(string(source), look) {
		return "", errors.New("this Go's package time looks at the clock in another way")
	}
	replaced, overlay := filepath.Join(dir, "time.go"), filepath.Join(dir, "overlay.json")
	program := filepath.Join(dir, "unsteady")
	build := exec.Command("go", "build", "-pgo=off", "-overlay", overlay, "-o", program, "../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	err = errors.Join(os.WriteFile(replaced, []byte(changed), 0o600),
		os.WriteFile(overlay, []byte(asJSON(map[string]any{"Replace": map[string]string{original: replaced}})), 0o600))
	if err != nil {
		return "", err
	}
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build a program with another clock: %w\n%s", err, output)
	}
	return program, nil
})

// TestTheUnsteadyClockIsOne looks at the times in the program's own log.
func TestTheUnsteadyClockIsOne(t *testing.T) {
	t.Parallel()
	if seeds() < 2 {
		t.Skip("building a program whose clock is set back takes long: set FAULT_SEEDS to 2 or more")
	}
	program, err := unsteadyProgram()
	if err != nil {
		t.Fatal(err)
	}
	for name, steady := range map[string]bool{executable: true, program: false} {
		cfg := filepath.Join(t.TempDir(), "config.json")
		if err := os.WriteFile(cfg, []byte(asJSON(map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t)})), 0o600); err != nil {
			t.Fatal(err)
		}
		run := exec.Command(name, "--config", cfg)
		var said strings.Builder
		for _, s := range sources(true) {
			said.WriteString(s.schema() + "\n")
		}
		run.Stdin = strings.NewReader(said.String())
		output, err := run.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		times := regexp.MustCompile(`(?m)^20\d\d-\S+ \S+`).FindAllString(string(output), -1)
		if slices.IsSorted(times) != steady || len(times) < 3 {
			t.Errorf("steady: %t, and the times of what it says are %q", steady, times)
		}
	}
}
