package pgserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// The major versions that the project supports; newer ones that are installed are taken too.
const (
	oldest = 13
	newest = 18
)

// install is one set of PostgreSQL's programs.
type install struct {
	bin   string // the directory of postgres, initdb and pg_ctl
	major int
}

// locate returns programs of the wanted major version (0: the newest) that the account can run: those in $PGBIN, those
// installed in the usual places or on the PATH, those fetched earlier, and if there are none, freshly fetched ones.
func locate(ctx context.Context, major int, as *account, logf logFunc) (install, error) {
	if bin := os.Getenv("PGBIN"); bin != "" {
		in, err := inspect(ctx, bin, as)
		if err != nil {
			return install{}, fmt.Errorf("PGBIN: %w", err)
		}
		if major == 0 || in.major == major {
			return in, nil
		}
	}
	if in, ok := newestOf(ctx, candidates(), major, as); ok {
		return in, nil
	}
	cache, err := cacheDir(as)
	if err != nil {
		return install{}, fmt.Errorf("directory for fetched programs: %w", err)
	}
	return fetched(ctx, cache, cmp.Or(major, newest), as, logf)
}

// newestOf inspects directories and returns the best one. Directories that do not work are skipped.
func newestOf(ctx context.Context, dirs []string, major int, as *account) (best install, ok bool) {
	for _, dir := range dirs {
		in, err := inspect(ctx, dir, as)
		if err != nil || in.major < oldest || major != 0 && in.major != major || in.major <= best.major {
			continue
		}
		best, ok = in, true
	}
	return best, ok
}

// candidates lists the directories in which the makers of packages put the programs.
func candidates() []string {
	var dirs []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",                   // Debian, Ubuntu
		"/usr/pgsql-*/bin",                            // Red Hat and its relatives
		"/usr/libexec/postgresql*",                    // Alpine
		"/opt/homebrew/opt/postgresql@*/bin",          // macOS on ARM
		"/usr/local/opt/postgresql@*/bin",             // macOS on Intel
		"/Applications/Postgres.app/*/Versions/*/bin", // macOS
		`C:\Program Files\PostgreSQL\*\bin`,
	} {
		found, _ := filepath.Glob(pattern) // the only error is a malformed pattern
		dirs = append(dirs, found...)
	}
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect asks the programs in dir for their version, as the account that shall run them.
func inspect(ctx context.Context, dir string, as *account) (install, error) {
	in := install{bin: dir}
	for _, program := range []string{"initdb", "pg_ctl", "postgres"} {
		if _, err := os.Stat(filepath.Join(dir, executable(program))); err != nil {
			return install{}, err
		}
	}
	output, err := in.run(ctx, as, filepath.VolumeName(dir)+string(filepath.Separator), "postgres", "--version")
	if err != nil {
		return install{}, err
	}
	match := versionPattern.FindStringSubmatch(output)
	if match == nil {
		return install{}, errors.New("postgres --version printed no version")
	}
	in.major, err = strconv.Atoi(match[1])
	return in, err
}

// parseVersion turns Options.Version into a major version, 0 for none.
func parseVersion(version string) (int, error) {
	if version == "" {
		return 0, nil
	}
	major, err := strconv.Atoi(version)
	if err != nil || major < oldest {
		return 0, fmt.Errorf("PostgreSQL version %q: want a major version from %d to %d", version, oldest, newest)
	}
	return major, nil
}
