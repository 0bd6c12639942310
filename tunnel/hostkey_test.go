package tunnel

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// withThreeKeys lets a bastion have host keys of three types, as most have.
func withThreeKeys(b *bastion) {
	keys := testKeys()
	b.hostKeys = []ssh.Signer{keys["rsa"].signer, keys["ecdsa"].signer, keys["ed25519"].signer}
}

func withStrangeKey(b *bastion) { b.hostKeys = []ssh.Signer{strangeKey().signer} }

// name is the bastion's in known_hosts.
func (b *bastion) name() string { return knownhosts.Normalize(b.listener.Addr().String()) }

func openWithHome(t *testing.T, cfg Config, knownHosts string) (*Tunnel, func() string, error) {
	t.Helper()
	home := t.TempDir()
	if knownHosts != "" {
		if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, ".ssh", "known_hosts"), []byte(knownHosts), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log, logged := recordedLog(t)
	tun, err := open(patience(t), cfg, environment{home: home}, log)
	if err == nil {
		t.Cleanup(func() { _ = tun.Close() })
	}
	return tun, logged, err
}

func TestAPinnedHostKeyOfAnyTypeIsAccepted(t *testing.T) {
	t.Parallel()
	b := startBastion(t, withThreeKeys)
	for kind, key := range testKeys() {
		public := key.signer.PublicKey()
		fingerprint := ssh.FingerprintSHA256(public)
		for form, value := range map[string]string{
			"a key line":               keyLine(public) + " root@bastion",
			"a known_hosts line":       "bastion.example " + keyLine(public),
			"a fingerprint":            fingerprint,
			"a padded fingerprint":     fingerprint + "=",
			"what ssh-keygen -l shows": "256 " + fingerprint + " root@bastion (" + strings.ToUpper(kind) + ")",
			"one of several lines":     "# keys\n" + keyLine(strangeKey().signer.PublicKey()) + "\n" + fingerprint,
			"lines of ssh-keyscan":     `a.example ` + keyLine(strangeKey().signer.PublicKey()) + `\nb.example ` + keyLine(public) + `\n`,
		} {
			t.Run(kind+" as "+form, func(t *testing.T) {
				t.Parallel()
				mustOpen(t, b.with(func(c *Config) { c.HostKey = value }))
			})
		}
	}
}

func TestAHostKeyOtherThanThePinnedOneIsRefused(t *testing.T) {
	t.Parallel()
	b := startBastion(t, withThreeKeys)
	strange := strangeKey().signer.PublicKey()
	for form, value := range map[string]string{"a key line": keyLine(strange), "a fingerprint": ssh.FingerprintSHA256(strange)} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			_, err := open(patience(t), b.with(func(c *Config) { c.HostKey = value }), environment{}, watchedLog(t))
			failure := mustFail(t, err)
			if failure.Step != StepHostKey || !strings.Contains(failure.Reason, "has changed: expected "+ssh.FingerprintSHA256(strange)) || failure.Transient() {
				t.Errorf("got %#v", failure)
			}
		})
	}
}

func TestNothingIsSaidToABastionWithTheWrongKey(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 10)
	b := startBastion(t, withStrangeKey, takesPassword, func(b *bastion) {
		inner := b.config.PasswordCallback
		b.config.PasswordCallback = func(conn ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			asked <- struct{}{}
			return inner(conn, password)
		}
	})
	cfg := b.with(withPassword, func(c *Config) { c.HostKey = publicLine("ed25519") })
	_, err := open(patience(t), cfg, environment{}, watchedLog(t))
	if failure := mustFail(t, err); failure.Step != StepHostKey {
		t.Errorf("got %v", failure)
	}
	if len(asked) > 0 {
		t.Error("the password was sent before the host key was checked")
	}
}

func TestKnownHostsDecideWhatIsTrusted(t *testing.T) {
	t.Parallel()
	authority := testKeys()["ecdsa"].signer
	three := startBastion(t, withThreeKeys)
	certified := startBastion(t, func(b *bastion) { b.hostKeys = []ssh.Signer{certify(t, authority, "127.0.0.1")} })
	misnamed := startBastion(t, func(b *bastion) { b.hostKeys = []ssh.Signer{certify(t, authority, "other.example")} })
	strange := keyLine(strangeKey().signer.PublicKey())
	for name, c := range map[string]struct {
		bastion *bastion
		text    string // %s is the bastion's name
		want    string // "" accepted, else part of the reason
	}{
		"the RSA key alone":          {three, "%s " + publicLine("rsa"), ""},
		"the ECDSA key alone":        {three, "%s " + publicLine("ecdsa"), ""},
		"the Ed25519 key alone":      {three, "%s " + publicLine("ed25519"), ""},
		"an old key beside the new":  {three, "%s " + strange + "\n%[1]s " + publicLine("ed25519"), ""},
		"a hashed name":              {three, knownhosts.HashHostname(three.name()) + " " + publicLine("rsa"), ""},
		"literal line breaks":        {three, `other.example ` + strange + `\n%s ` + publicLine("rsa"), ""},
		"another key":                {three, "%s " + strange, "has changed: expected ssh-ed25519 SHA256:"},
		"another host":               {three, "other.example " + publicLine("rsa"), "is unknown: ssh_tunnel.known_hosts does not hold \"[127.0.0.1]:"},
		"a revoked key":              {three, "@revoked * " + publicLine("ed25519") + "\n%s " + publicLine("ed25519"), "is revoked in"},
		"an authority":               {certified, "@cert-authority %s " + keyLine(authority.PublicKey()), ""},
		"another authority":          {certified, "@cert-authority %s " + strange, "host certificate"},
		"an authority, another name": {misnamed, "@cert-authority %s " + keyLine(authority.PublicKey()), "host certificate"},
		"a revoked authority": {
			certified, "@revoked * " + keyLine(authority.PublicKey()) + "\n@cert-authority %s " + keyLine(authority.PublicKey()), "is revoked in",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := c.text
			if strings.Contains(text, "%") {
				text = fmt.Sprintf(text, c.bastion.name())
			}
			path := filepath.Join(t.TempDir(), "known hosts")
			if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, `\n`, "\n")), 0o600); err != nil {
				t.Fatal(err)
			}
			for source, setting := range map[string]string{"ssh_tunnel.known_hosts": text, path: path} {
				cfg := c.bastion.with(func(c *Config) { c.HostKey, c.KnownHosts = "", setting })
				tun, err := open(patience(t), cfg, environment{}, watchedLog(t))
				if c.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					_ = tun.Close()
					continue
				}
				failure := mustFail(t, err)
				want := strings.ReplaceAll(c.want, "ssh_tunnel.known_hosts", source)
				if failure.Step != StepHostKey || !strings.Contains(failure.Reason, want) || failure.Hint == "" {
					t.Errorf("got %v, want %q in it", failure, want)
				}
			}
		})
	}
}

// certify makes a host key with a certificate for a name.
func certify(t *testing.T, authority ssh.Signer, name string) ssh.Signer {
	t.Helper()
	key := testKeys()["ed25519"].signer
	cert := &ssh.Certificate{
		Key: key.PublicKey(), CertType: ssh.HostCert, ValidPrincipals: []string{name}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestTheUsersKnownHostsCountWhenTheyHoldTheBastion(t *testing.T) {
	t.Parallel()
	b := startBastion(t, withThreeKeys)
	cfg := b.with(func(c *Config) { c.HostKey = "" })
	_, logged, err := openWithHome(t, cfg, b.name()+" "+publicLine("ecdsa"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(logged(), "first use") {
		t.Errorf("a known key is called new: %s", logged())
	}
	_, _, err = openWithHome(t, cfg, b.name()+" "+keyLine(strangeKey().signer.PublicKey()))
	failure := mustFail(t, err)
	if failure.Step != StepHostKey || !strings.Contains(failure.Reason, filepath.Join(".ssh", "known_hosts")+" line 1") {
		t.Errorf("another key fails with %v", failure)
	}
	_, _, err = openWithHome(t, cfg, "@revoked * "+publicLine("ed25519"))
	if failure := mustFail(t, err); !strings.Contains(failure.Reason, "is revoked") {
		t.Errorf("a revoked key fails with %v", failure)
	}
}

func TestAnUnknownBastionIsTrustedOnFirstUseAndSaysSo(t *testing.T) {
	t.Parallel()
	for name, knownHosts := range map[string]string{"without a file": "", "with a file about others": "other.example " + publicLine("rsa")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startBastion(t, withThreeKeys)
			tun, logged, err := openWithHome(t, b.with(func(c *Config) { c.HostKey = "" }), knownHosts)
			if err != nil {
				t.Fatal(err)
			}
			b.drop()
			<-tun.session.done
			mustEcho(t, mustDial(t, tun, echo(t)))
			fingerprint := ssh.FingerprintSHA256(testKeys()["ed25519"].signer.PublicKey())
			for _, want := range []string{"level=WARN", "ssh_tunnel.host_key", fingerprint} {
				if !strings.Contains(logged(), want) {
					t.Errorf("the log does not hold %q: %s", want, logged())
				}
			}
			if got := strings.Count(logged(), "first use"); got != 1 {
				t.Errorf("the first use is reported %d times", got)
			}
		})
	}
}

func TestAHostKeyThatChangesBetweenTwoConnectionsIsRefused(t *testing.T) {
	t.Parallel()
	first := startBastion(t)
	second := startBastion(t, withStrangeKey)
	l := newLine(t, first.listener.Addr().String())
	tun, _, err := openWithHome(t, first.with(func(c *Config) { c.HostKey, c.Port = "", l.Port() }), "")
	if err != nil {
		t.Fatal(err)
	}
	conn := mustDial(t, tun, echo(t))
	l.Redirect(second.listener.Addr().String())
	first.drop()
	_, _ = io.ReadAll(conn)
	_, err = tun.DialContext(patience(t), "tcp", echo(t))
	failure := mustFail(t, err)
	if failure.Step != StepHostKey || !strings.Contains(failure.Reason, "from an earlier connection of this run") || failure.Transient() {
		t.Errorf("got %#v", failure)
	}
}
