package tunnel

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAGeneratedPairBelongsTogether(t *testing.T) {
	t.Parallel()
	private, public, err := GenerateKey("loader@example")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(private), "-----BEGIN OPENSSH PRIVATE KEY-----\n") {
		t.Error("the private key is not in OpenSSH's form")
	}
	line, err := PublicKey(private, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(line+" loader@example\n", string(public)); diff != "" || !strings.HasPrefix(line, "ssh-ed25519 ") {
		t.Errorf("the public key is not the private one's: %s", diff)
	}
	again, _, err := GenerateKey("loader@example")
	if err != nil || bytes.Equal(again, private) {
		t.Errorf("a second key is the same as the first, %v", err)
	}
}

func TestACommentIsOptionalAndKeepsToItsLine(t *testing.T) {
	t.Parallel()
	_, public, err := GenerateKey("")
	if err != nil || len(strings.Fields(string(public))) != 2 || !strings.HasSuffix(string(public), "\n") {
		t.Errorf("without a comment: %q, %v", public, err)
	}
	if _, _, err := GenerateKey("me\nssh-ed25519 AAAA intruder"); err == nil {
		t.Error("a comment of two lines was taken")
	}
}

func TestAWrittenPairIsPrivateAndOpensTheBastion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	line, err := WriteKeyPair(path, "loader")
	if err != nil {
		t.Fatal(err)
	}
	public, err := os.ReadFile(path + ".pub")
	if err != nil || line+"\n" != string(public) {
		t.Errorf("%q was returned, %q written, %v", line, public, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the private key has mode %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(path + ".pub"); err != nil || info.Mode().Perm()&0o111 != 0 {
		t.Errorf("the public key has mode %v, %v", info.Mode(), err)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := PublicKey(written, nil); err != nil || got+" loader" != line {
		t.Errorf("the private key's public key is %q, %v", got, err)
	}
}

// files are the names and contents in a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = string(data)
	}
	return found
}

func TestExistingFilesAreNeverOverwrittenAndNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]map[string]string{
		"the private key exists": {"key": "precious"},
		"the public key exists":  {"key.pub": "precious"},
		"both exist":             {"key": "precious", "key.pub": "precious too"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range before {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := WriteKeyPair(filepath.Join(dir, "key"), "")
			if !errors.Is(err, fs.ErrExist) {
				t.Errorf("it fails with %v", err)
			}
			if diff := cmp.Diff(before, files(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALinkIsNotFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), filepath.Join(dir, "key")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if _, err := WriteKeyPair(filepath.Join(dir, "key"), ""); !errors.Is(err, fs.ErrExist) {
		t.Errorf("it fails with %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "elsewhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a key was written through a link")
	}
}

func TestAMissingDirectoryIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := WriteKeyPair(filepath.Join(t.TempDir(), "none", "key"), ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it fails with %v", err)
	}
}
