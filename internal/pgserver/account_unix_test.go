//go:build unix

package pgserver

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
)

// needRoot leaves out what only root can try; the tests run as another user in their second job.
func needRoot(t *testing.T) *account {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can change users")
	}
	as, err := serviceAccount()
	if err != nil {
		t.Fatal(err)
	}
	return as
}

func nobody(t *testing.T) *account {
	t.Helper()
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, uidErr := strconv.Atoi(u.Uid)
	gid, gidErr := strconv.Atoi(u.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		t.Fatal(err)
	}
	return &account{name: "nobody", uid: uid, gid: gid}
}

func ownerOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

func TestPostgreSQLDoesNotRunAsRoot(t *testing.T) {
	t.Parallel()
	s := shared(t)
	pid, _, err := s.home.postmaster()
	if err != nil {
		t.Fatal(err)
	}
	want := os.Geteuid()
	if want == 0 {
		want = needRoot(t).uid
	}
	if got := ownerOf(t, s.home.data()); got != want || got == 0 {
		t.Errorf("the data belongs to user %d, want %d", got, want)
	}
	if proc := filepath.Join("/proc", strconv.Itoa(pid)); !gone(proc) && ownerOf(t, proc) != want {
		t.Errorf("the server runs as user %d, want %d", ownerOf(t, proc), want)
	}
}

func TestRootUsesTheOwnerOfADirectory(t *testing.T) {
	t.Parallel()
	as := needRoot(t)
	other, dir, nameless := nobody(t), openDir(t), openDir(t)
	if err := errors.Join(os.Chown(dir, other.uid, other.gid), os.Chown(nameless, 54321, 54321)); err != nil {
		t.Fatal(err)
	}
	s := durable(t, dir)
	if got := ownerOf(t, s.home.data()); got != other.uid {
		t.Errorf("the data belongs to user %d", got)
	}
	for dir, want := range map[string]account{
		dir: *other, nameless: *as, openDir(t): *as, filepath.Join(dir, "absent"): *as,
	} {
		if got, err := ownerAccount(dir); err != nil || *got != want {
			t.Errorf("%s: %v, %v; want %v", dir, got, err, want)
		}
	}
}

func TestRootIsToldThatThePrivateDirectoryIsTheProblem(t *testing.T) {
	t.Parallel()
	needRoot(t)
	private := t.TempDir() // closed to others
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Durable: true, DataDir: filepath.Join(private, "server")})
	wantError(t, err, "does not run as root", "user ", "outside of /root")
}

func TestOrdinaryUsersRunTheirServersThemselves(t *testing.T) {
	t.Parallel()
	needRoot(t)
	as := nobody(t) // has no home either
	parent := openDir(t)
	if err := os.Chown(parent, as.uid, as.gid); err != nil {
		t.Fatal(err)
	}
	p := spawn(t, as, "start", parent)
	if got := ownerOf(t, filepath.Join(p.dir, "data")); got != as.uid {
		t.Errorf("the data belongs to user %d", got)
	}
	p.kill()
	eventually(t, "directory and server are gone", func() bool { return gone(p.dir) && !reachable(t, p.url) })
}

func TestWhereAnOrdinaryUsersFilesGo(t *testing.T) {
	t.Parallel()
	needRoot(t)
	if runtime.GOOS != "linux" {
		t.Skip("other systems have other directories")
	}
	as, own := nobody(t), openDir(t)
	if err := os.Chown(own, as.uid, as.gid); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name        string
		env         []string
		cache, data string
	}{
		{
			"with a home",
			[]string{"HOME=" + own, "XDG_CACHE_HOME=", "XDG_DATA_HOME="},
			own + "/.cache/target-postgres", own + "/.local/share/target-postgres",
		},
		{
			"with directories of choice",
			[]string{"HOME=" + own, "XDG_CACHE_HOME=" + own + "/c", "XDG_DATA_HOME=/data"},
			own + "/c/target-postgres", "/data/target-postgres",
		},
		{
			"without a home",
			[]string{"HOME=/nonexistent", "TMPDIR=" + own, "XDG_CACHE_HOME=", "XDG_DATA_HOME="},
			own + "/target-postgres-" + strconv.Itoa(as.uid) + "/cache", "/nonexistent/.local/share/target-postgres",
		},
	} {
		p := spawn(t, as, "dirs", own, tt.env...)
		if p.dir != tt.cache || p.url != tt.data {
			t.Errorf("%s: programs in %s, want %s; data in %s, want %s", tt.name, p.dir, tt.cache, p.url, tt.data)
		}
	}
}

func TestTheSharedPlaceMustBeOurs(t *testing.T) {
	t.Parallel()
	as, err := serviceAccount()
	if err != nil {
		t.Fatal(err)
	}
	place := func(change func(dir string) error) error {
		dir := openDir(t)
		if err := change(filepath.Join(dir, "target-postgres-"+strconv.Itoa(os.Geteuid()))); err != nil {
			t.Fatal(err)
		}
		_, err := temporaryParent(dir, as)
		return err
	}
	if err := place(func(dir string) error { return os.Mkdir(dir, 0o700) }); err != nil {
		t.Errorf("our own directory: %v", err)
	}
	err = place(func(dir string) error {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		return os.Chmod(dir, 0o777)
	})
	wantError(t, err, "writable by others")
	err = place(func(dir string) error { return os.Symlink(t.TempDir(), dir) })
	wantError(t, err, "is not a directory")
	if os.Geteuid() == 0 {
		err = place(func(dir string) error {
			if err := os.Mkdir(dir, 0o700); err != nil {
				return err
			}
			return os.Chown(dir, 12345, 12345)
		})
		wantError(t, err, "belongs to another user")
	}
}
