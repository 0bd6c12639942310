package pgserver

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func TestATemporaryServerIsFastPrivateAndRemovedByStop(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{
		DataDir: openDir(t), Settings: map[string]string{"application_name": `it's a \ "name"`, "listen_addresses": "*"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	rows, _ := connect(t, s.URL).Query(t.Context(), `select name, setting from pg_settings where name in ('fsync',
		'full_page_writes', 'synchronous_commit', 'max_connections', 'listen_addresses', 'unix_socket_directories',
		'password_encryption', 'server_encoding', 'TimeZone')`)
	var name, setting string
	if _, err := pgx.ForEachRow(rows, []any{&name, &setting}, func() error { got[name] = setting; return nil }); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "200",
		"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "password_encryption": "scram-sha-256",
		"server_encoding": "UTF8", "TimeZone": "UTC",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if got := query(t, s.URL, "select reset_val from pg_settings where name = 'application_name'"); got != `it's a \ "name"` {
		t.Errorf("a setting with quotes arrived as %q", got)
	}
	if got := query(t, s.URL, `select string_agg(x, '' order by x) from unnest(array['b','B','a','é']) x`); got != "Babé" {
		t.Errorf("the order is not by code point: %q", got)
	}
	if major := strconv.Itoa(s.install.major); s.Version != major || !strings.HasPrefix(query(t, s.URL, "show server_version"), major) {
		t.Errorf("Version is %q", s.Version)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !gone(s.DataDir) || reachable(t, s.URL) {
		t.Error("Stop left the directory or the server")
	}
}

func TestEveryLoginNeedsThePassword(t *testing.T) {
	t.Parallel()
	s := start(t, Options{DataDir: openDir(t), Password: "a given one"})
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if password, _ := u.User.Password(); password != "a given one" {
		t.Errorf("the URL holds the password %q", password)
	}
	u.User = url.UserPassword(superuser, "a wrong one")
	if _, err := pgx.Connect(t.Context(), u.String()); err == nil {
		t.Error("a wrong password was accepted")
	}
	info, err := os.Stat(filepath.Join(s.DataDir, "password"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("password file: %v, %v", info.Mode(), err)
	}
	if hba := query(t, s.URL, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules"); hba != "scram-sha-256" {
		t.Errorf("pg_hba.conf allows %s", hba)
	}
}

func TestACrashedServerComesBackWithWhatWasCommitted(t *testing.T) {
	t.Parallel()
	s := start(t, Options{DataDir: openDir(t), Settings: map[string]string{"synchronous_commit": "on"}})
	before := s.URL
	for _, crash := range []struct {
		how  string
		call func() error
	}{
		{"Restart immediate", func() error { return s.Restart(t.Context(), "immediate") }},
		{"Kill", func() error {
			if err := s.Kill(); err != nil {
				return err
			}
			return s.Restart(t.Context(), "immediate")
		}},
		{"Restart fast", func() error { return s.Restart(t.Context(), "fast") }},
	} {
		bystander := connect(t, s.URL)
		if _, err := bystander.Exec(t.Context(), "create table if not exists survivor (id serial); insert into survivor default values"); err != nil {
			t.Fatal(err)
		}
		if err := crash.call(); err != nil {
			t.Fatalf("%s: %v", crash.how, err)
		}
		if err := bystander.Ping(t.Context()); err == nil {
			t.Errorf("%s: a connection survived", crash.how)
		}
	}
	if rows := query(t, s.URL, "select count(*)::text from survivor"); rows != "3" || s.URL != before {
		t.Errorf("%s rows, want 3; URL changed: %t", rows, s.URL != before)
	}
}

func TestTheErrorOfAServerThatDoesNotStartHoldsItsLog(t *testing.T) {
	t.Parallel()
	parent := openDir(t)
	_, err := Start(t.Context(), Options{DataDir: parent, Settings: map[string]string{"shared_buffers": "plenty"}})
	wantError(t, err, "start PostgreSQL", `invalid value for parameter "shared_buffers"`)
	left, err := filepath.Glob(filepath.Join(parent, "*", "own-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

func TestASettingCannotSmuggleInAnotherOne(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{DataDir: openDir(t), Settings: map[string]string{"work_mem": "1MB'\nfsync = 'on"}})
	wantError(t, err, `setting "work_mem" holds a line break`)
}

func TestAPortThatIsTakenIsAnErrorWhenItWasAskedFor(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = Start(t.Context(), Options{DataDir: openDir(t), Port: taken.Addr().(*net.TCPAddr).Port})
	wantError(t, err, "could not bind")
}

func TestStartGivesUpWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	parent := openDir(t)
	began := time.Now()
	if s, err := Start(ctx, Options{DataDir: parent}); err == nil {
		t.Fatalf("a server in %s although the context had ended", s.DataDir)
	}
	if time.Since(began) > 10*time.Second {
		t.Error("it took its time")
	}
}
