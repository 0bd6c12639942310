//go:build unix

package e2e

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"target-postgres/internal/cli"
	"target-postgres/internal/pgtest"
)

const users = `{"type":"SCHEMA","stream":"users","schema":{"properties":{"id":{"type":"integer"}}},"key_properties":["id"]}
{"type":"RECORD","stream":"users","record":{"id":1}}
{"type":"STATE","value":{"n":1}}
`

// said is everything that a command prints at the most verbose level.
func said(t *testing.T, input string, cfg map[string]any, args ...string) (output string, code int) {
	t.Helper()
	data, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	program := cli.Program{
		Version: "test", Spec: spec, Args: append(args, "--config", file), Stdin: strings.NewReader(input), Stdout: &stdout, Stderr: stderr,
		Getenv: func(name string) string {
			return map[string]string{"TARGET_POSTGRES_LOGLEVEL": "DEBUG", "LOG_LEVEL": "DEBUG"}[name]
		},
	}
	code = program.Run(context.Background())
	printed, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	return stdout.String() + string(printed), code
}

// sealedKey is a private key with a passphrase.
func sealedKey(t *testing.T, passphrase string) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

func TestNoSecretIsEverPrinted(t *testing.T) {
	t.Parallel()
	login, err := url.Parse(pgtest.Role(t, pgtest.URL(t)))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := login.User.Password()
	schema := pgtest.Schema(t)
	pgtest.Execute(t, "GRANT ALL ON SCHEMA "+schema+" TO "+login.User.Username())
	const wrong, passphrase, bastion, token = "WRONG-pass/word@1", "the passphrase of the key", "the bastion's password", "the key's own passphrase"
	key := sealedKey(t, passphrase)
	plain := map[string]any{
		"host": login.Hostname(), "port": login.Port(), "username": login.User.Username(), "password": password,
		"database": strings.TrimPrefix(login.Path, "/"), "schema": schema,
	}
	with := func(more map[string]any) map[string]any {
		all := map[string]any{}
		for _, some := range []map[string]any{plain, more} {
			maps.Copy(all, some)
		}
		return all
	}
	elsewhere := *login
	elsewhere.Host = "127.0.0.1:1"
	tunnel := map[string]any{
		"enabled": true, "host": "127.0.0.1", "port": 1, "username": "jump", "private_key": key, "private_key_passphrase": passphrase, "password": bastion,
	}
	without := map[string]any{"enabled": true, "host": "127.0.0.1", "port": 1, "username": "jump", "private_key": key, "private_key_passphrase": wrong}
	tests := []struct {
		name   string
		config map[string]any
		works  bool
	}{
		{"settings", plain, true},
		{"a URL", map[string]any{"url": login.String(), "schema": schema}, true},
		{"a wrong password", with(map[string]any{"password": wrong}), false},
		{"a URL to nobody", map[string]any{"url": elsewhere.String(), "max_retry_seconds": 0}, false},
		{"a URL that is none", map[string]any{"url": "postgres://u:" + password + "@[::1/x", "max_retry_seconds": 0}, false},
		{"a URL in the place of a host", with(map[string]any{"host": login.String()}), false},
		{"a password in the place of a port", with(map[string]any{"port": password}), false},
		{"a bastion that is not there", with(map[string]any{"ssh_tunnel": tunnel, "max_retry_seconds": 0}), false},
		{"a key with another passphrase", with(map[string]any{"ssh_tunnel": without, "max_retry_seconds": 0}), false},
		{"a certificate's key", with(map[string]any{"ssl_mode": "require", "ssl_key": key, "ssl_cert": key, "ssl_key_passphrase": token}), false},
		{"settings that there are not", with(map[string]any{"pasword": wrong, "passphrase": passphrase}), false},
	}
	for _, test := range tests {
		for _, args := range [][]string{nil, {"check"}, {"--dry-run"}} {
			t.Run(test.name+" "+strings.Join(args, ""), func(t *testing.T) {
				t.Parallel()
				output, code := said(t, users, test.config, args...)
				if works := code == 0; args == nil && works != test.works {
					t.Errorf("exit code %d: %s", code, output)
				}
				secrets := append([]string{password, url.QueryEscape(wrong), wrong, passphrase, bastion, token}, strings.Fields(key)[5:]...)
				for i, secret := range secrets {
					if strings.Contains(output, secret) {
						t.Errorf("secret %d is in what it says: %s", i, output)
					}
				}
				if output == "" && code != 0 {
					t.Error("it says nothing")
				}
			})
		}
	}
}

// TestNoFileIsOpenToOthers lets the program write with a umask that forbids nothing.
func TestNoFileIsOpenToOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg, err := json.Marshal(map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t), "on_bad_record": "reject"})
	if err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(settings, cfg, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"keygen", "--output", filepath.Join(dir, "key")},
		{"--config", settings, "--summary", filepath.Join(dir, "summary.json")},
		{"check", "--config", settings},
	} {
		run := exec.Command("sh", append([]string{"-c", `umask 0; exec "$0" "$@"`, os.Args[0]}, args...)...)
		run.Dir, run.Stdin = dir, strings.NewReader(users)
		run.Env = append(os.Environ(), asProgram, "HOME="+dir, "TMPDIR="+dir)
		if output, err := run.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, output)
		}
	}
	files := 0
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		info, err := entry.Info()
		// A public key is there to be shown.
		if err == nil && info.Mode().Perm()&0o077 != 0 && filepath.Base(path) != "key.pub" {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("%d files were written, %v", files, err)
	}
}
