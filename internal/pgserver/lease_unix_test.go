//go:build unix

package pgserver

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheServerOfAKilledProcessEnds(t *testing.T) {
	t.Parallel()
	p := spawn(t, nil, "start", openDir(t))
	if !reachable(t, p.url) {
		t.Fatal("the helper's server does not answer")
	}
	p.kill()
	eventually(t, "directory and server are gone", func() bool { return gone(p.dir) && !reachable(t, p.url) })
}

func TestASharedServerEndsWithTheLastProcessThatUsesIt(t *testing.T) {
	t.Parallel()
	parent := openDir(t)
	first, second := spawn(t, nil, "share", parent), spawn(t, nil, "share", parent)
	if first.url != second.url {
		t.Fatal("two processes have a server each")
	}
	third, err := share(t.Context(), Options{DataDir: parent}, 0)
	if err != nil {
		t.Fatal(err)
	}
	first.kill()
	second.exit(t)
	if third.URL != first.url || !reachable(t, third.URL) {
		t.Fatal("the server ended while this process used it")
	}
	if err := third.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "directory and server are gone", func() bool { return gone(third.DataDir) && !reachable(t, third.URL) })

	next := spawn(t, nil, "share", parent)
	if next.dir == first.dir {
		t.Error("the next one was given the ended server")
	}
}

func TestASharedServerThatCrashedIsReplaced(t *testing.T) {
	t.Parallel()
	parent := openDir(t)
	crashed := spawn(t, nil, "share", parent)
	first, err := share(t.Context(), Options{DataDir: parent}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the killed server is gone", func() bool { return !first.alive(t.Context()) })
	second := spawn(t, nil, "share", parent)
	if second.dir == crashed.dir || !reachable(t, second.url) {
		t.Error("the next process was given the crashed server")
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if third := spawn(t, nil, "share", parent); third.url != second.url {
		t.Error("the one after it was not given the replacement")
	}
}

func TestAServerStoppedByStopLeavesNothingForItsKeeper(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{DataDir: openDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	if !leased(s.DataDir) {
		t.Error("it has no keeper")
	}
	for range 2 {
		if err := s.Stop(t.Context()); err != nil {
			t.Errorf("Stop: %v", err)
		}
	}
	left, err := os.ReadDir(filepath.Dir(s.DataDir))
	if err != nil || len(left) != 1 || left[0].Name() != "lock" {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestTheRemainsOfAKilledKeeperAreSweptByTheNextStart(t *testing.T) {
	t.Parallel()
	as, err := serviceAccount()
	if err != nil {
		t.Fatal(err)
	}
	p, in, err := prepareTemporary(t.Context(), Options{DataDir: openDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	// As if the machine had killed process and keeper: a server runs, and no process holds the lease.
	orphan := home{dir: filepath.Join(p.dir, "own-123"), as: as}
	if err := orphan.create(); err != nil {
		t.Fatal(err)
	}
	s, err := orphan.startTemporary(t.Context(), Options{}, in)
	if err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(p.dir, "shared-15-456")
	others := filepath.Join(p.dir, "shared-15-lock")
	for _, dir := range []string{empty, others} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	held, lease, err := p.newHome(t.Context(), in, "own-", 0)
	if err != nil {
		t.Fatal(err)
	}
	if !gone(orphan.dir) || !gone(empty) || reachable(t, s.URL) {
		t.Error("the remains are still there")
	}
	p.sweep()
	if gone(held.dir) || gone(others) {
		t.Error("the sweep took what is in use")
	}
	if !p.used() {
		t.Error("no server is in use, it says")
	}
	if err := lease.release(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a directory without a server is removed too", func() bool { return gone(held.dir) })
	if p.used() {
		t.Error("a server that is gone is in use, it says")
	}
}

func TestALeaseCanBeJoinedUntilItsKeeperEnds(t *testing.T) {
	t.Parallel()
	h := home{dir: filepath.Join(openDir(t), "server")}
	if err := h.create(); err != nil {
		t.Fatal(err)
	}
	lease, err := newLease(h, install{bin: "/nonexistent"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	second, err := joinLease(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := lease.release(); err != nil {
		t.Fatal(err)
	}
	if err := lease.release(); err != nil {
		t.Errorf("a second release: %v", err)
	}
	if !leased(h.dir) {
		t.Error("the lease ended although it was held")
	}
	if err := second.release(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the keeper removes the directory", func() bool { return gone(h.dir) })
	if _, err := joinLease(h.dir); err == nil {
		t.Error("an ended lease was joined")
	}
	if err := (&Server{}).lease.release(); err != nil {
		t.Errorf("release of no lease: %v", err)
	}
}
