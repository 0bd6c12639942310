package tunnel

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func publicLine(kind string) string { return keyLine(testKeys()[kind].signer.PublicKey()) }

func TestKnownHostsMatching(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, host string
		port          int
		want          bool
	}{
		{"bastion.example", "bastion.example", 22, true},
		{"bastion.example", "other.example", 22, false},
		{"Bastion.Example", "bastion.EXAMPLE", 22, true},
		{"a.example,bastion.example", "bastion.example", 22, true},
		{"*.example", "bastion.example", 22, true},
		{"*.example", "example", 22, false},
		{"b?stion.example", "bastion.example", 22, true},
		{"b.stion.example", "bastion.example", 22, false},
		{"*.example,!bastion.example", "bastion.example", 22, false},
		{"*.example,!bastion.example", "other.example", 22, true},
		{"[bastion.example]:2222", "bastion.example", 2222, true},
		{"[bastion.example]:2222", "bastion.example", 22, false},
		{"bastion.example", "bastion.example", 2222, false},
		{"192.0.2.1", "192.0.2.1", 22, true},
		{"2001:db8::1", "2001:db8::1", 22, true},
		{"[2001:db8::1]:2222", "2001:db8::1", 2222, true},
		{knownhosts.HashHostname("bastion.example"), "bastion.example", 22, true},
		{knownhosts.HashHostname("bastion.example"), "other.example", 22, false},
		{knownhosts.HashHostname("[bastion.example]:2222"), "bastion.example", 2222, true},
		{"|1|not base64|not base64", "bastion.example", 22, false},
		{"|2|YQ==|YQ==", "bastion.example", 22, false},
	} {
		known := parseKnownHosts("test", c.pattern+" "+publicLine("ed25519"))
		if got := len(known.keysOf(knownName(c.host, c.port))) == 1; got != c.want {
			t.Errorf("pattern %q and %s port %d: matched %v, want %v", c.pattern, c.host, c.port, got, c.want)
		}
	}
}

// The package of x/crypto reads only files, but where it does, both must agree.
func TestKnownHostsAgreeWithThePackageOfCrypto(t *testing.T) {
	t.Parallel()
	text := strings.Join([]string{
		"# a comment", "",
		"one.example " + publicLine("ed25519"),
		"one.example " + publicLine("rsa"),
		"two.example,three.* " + publicLine("ecdsa") + " a comment",
		knownhosts.HashHostname("four.example") + " " + publicLine("ed25519"),
		"[five.example]:2222 " + publicLine("ed25519"),
		"*.six.example,!not.six.example " + publicLine("rsa"),
		"@revoked * " + keyLine(strangeKey().signer.PublicKey()),
		"seven.example " + keyLine(strangeKey().signer.PublicKey()),
	}, "\n")
	path := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	theirs, err := knownhosts.New(path)
	if err != nil {
		t.Fatal(err)
	}
	remote := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 22}
	keys := []ssh.PublicKey{strangeKey().signer.PublicKey()}
	for _, key := range testKeys() {
		keys = append(keys, key.signer.PublicKey())
	}
	for _, host := range []string{
		"one.example", "two.example", "three.example", "four.example", "five.example",
		"a.six.example", "not.six.example", "seven.example", "unknown.example",
	} {
		for _, port := range []int{22, 2222} {
			cfg := Config{Host: host, Port: port}
			ours := &hostKeys{address: cfg.address(), name: knownName(host, port), known: parseKnownHosts(path, text)}
			for _, key := range keys {
				want := theirs(cfg.address(), remote, key)
				got := ours.check(remote, key)
				if (got == nil) != (want == nil) {
					t.Errorf("%s port %d, %s: we say %v, x/crypto says %v", host, port, key.Type(), got, want)
				}
				var mismatch *knownhosts.KeyError
				if errors.As(want, &mismatch) && len(mismatch.Want) > 0 && !strings.Contains(got.Reason, "has changed") {
					t.Errorf("%s port %d, %s: a mismatch is reported as %v", host, port, key.Type(), got)
				}
			}
		}
	}
}

func TestLinesThatCannotBeReadAreSkippedAndTheOthersKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	known := parseKnownHosts("test", "garbage\r\n\r\nbastion.example ssh-unheard-of AAAA\r\n"+
		"@unheard-of bastion.example "+publicLine("rsa")+"\r\n"+
		"bastion.example "+publicLine("ed25519")+"\r\n")
	var got []int
	for _, line := range known.keysOf("bastion.example") {
		got = append(got, line.number)
	}
	if diff := cmp.Diff([]int{5}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAlgorithmsWeCanCheckComeFirst(t *testing.T) {
	t.Parallel()
	ordered := func(text string) []string {
		h := &hostKeys{name: "h", known: parseKnownHosts("test", text)}
		return h.algorithms()
	}
	if got := ordered("h " + publicLine("rsa")); !slices.Equal(got[:2], []string{ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512}) {
		t.Errorf("with an RSA key known: %v", got)
	}
	if got := ordered("h " + publicLine("ecdsa") + "\nother " + publicLine("rsa")); got[0] != ssh.KeyAlgoECDSA256 {
		t.Errorf("with an ECDSA key known: %v", got)
	}
	if got := ordered(""); got[0] != ssh.KeyAlgoED25519 {
		t.Errorf("with nothing known: %v", got)
	}
	if got := ordered("@cert-authority h " + publicLine("rsa")); !strings.Contains(got[0], "-cert-") {
		t.Errorf("with an authority known: %v", got)
	}
	for _, algorithm := range ordered("h " + publicLine("rsa")) {
		if algorithm == ssh.KeyAlgoRSA || strings.Contains(algorithm, "-cert-") {
			t.Errorf("%s is asked for", algorithm)
		}
	}
}
