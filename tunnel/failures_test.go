package tunnel

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// failure is a way for a tunnel to fail and what is to be said about it. In the texts, BASTION is its address, DB the
// database's, KEY a fingerprint and LINE an authorized_keys line of the configured key.
type failure struct {
	step   string
	reason string // the whole of it, or a beginning that ends in …
	hint   string // part of it
	keyed  bool   // PublicKey is that of the configured key
	run    func(t *testing.T, f *failed) error
}

// failed is what run tells about the addresses it used.
type failed struct{ bastion, db string }

// opening fails to open a tunnel to a bastion.
func opening(edit func(*Config), options ...func(*bastion)) func(*testing.T, *failed) error {
	return func(t *testing.T, f *failed) error {
		b := startBastion(t, options...)
		cfg := b.with(withPassphrase, edit)
		f.bastion = cfg.address()
		return mustNotOpen(t, cfg, environment{home: t.TempDir()})
	}
}

// answering fails to open a tunnel to what handle does with a connection.
func answering(handle func(net.Conn), edits ...func(*Config)) func(*testing.T, *failed) error {
	return func(t *testing.T, f *failed) error {
		f.bastion = serveEach(t, func(conn *net.TCPConn) { handle(conn) })
		_, port, _ := net.SplitHostPort(f.bastion)
		cfg := startBastion(t).with(edits...)
		cfg.Port, _ = strconv.Atoi(port)
		return mustNotOpen(t, cfg, environment{})
	}
}

// dialling opens a tunnel and fails to dial through it.
func dialling(to func(testing.TB) string, options ...func(*bastion)) func(*testing.T, *failed) error {
	return func(t *testing.T, f *failed) error {
		b := startBastion(t, options...)
		f.bastion, f.db = b.listener.Addr().String(), to(t)
		tun := mustOpen(t, b.with())
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if !b.stalls {
			ctx = patience(t)
		}
		defer cancel()
		_, err := tun.DialContext(ctx, "tcp", f.db)
		return err
	}
}

func mustNotOpen(t *testing.T, cfg Config, env environment) error {
	t.Helper()
	tun, err := open(patience(t), cfg, env, watchedLog(t))
	if err == nil {
		_ = tun.Close()
		t.Fatal("the tunnel opened")
	}
	return err
}

func says(text string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = conn.Write([]byte(text))
		_, _ = conn.Read(make([]byte, 1024)) // closing with unread data would lose ours
	}
}

func withAgent(cfg func(*bastion) Config, agent func(*testing.T) string, options ...func(*bastion)) func(*testing.T, *failed) error {
	return func(t *testing.T, f *failed) error {
		b := startBastion(t, options...)
		f.bastion = b.listener.Addr().String()
		return mustNotOpen(t, cfg(b), environment{agentSocket: agent(t)})
	}
}

func noKey(b *bastion) Config { return b.with(withKey("")) }

func withOldAlgorithms(b *bastion) {
	b.config.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1}
}

func dropsAtLogin(b *bastion) {
	b.config.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
		b.drop()
		return nil, nil
	}
}

func failures() map[string]failure {
	return map[string]failure{
		"a bastion whose name does not resolve": {
			StepResolve, `cannot resolve the bastion's name "bastion.invalid": …`, "check ssh_tunnel.host", false,
			opening(func(c *Config) { c.Host = "bastion.invalid" }),
		},
		"a port nothing listens on": {
			StepConnect, "connection refused: the bastion BASTION refuses connections, nothing listens on that port", "SSH server runs", false,
			func(t *testing.T, f *failed) error {
				f.bastion = unused(t)
				_, port, _ := net.SplitHostPort(f.bastion)
				cfg := startBastion(t).with()
				cfg.Port, _ = strconv.Atoi(port)
				return mustNotOpen(t, cfg, environment{})
			},
		},
		"a bastion that does not answer in time": {
			StepConnect, "connection timed out: the bastion BASTION does not answer", "firewalls", false,
			opening(func(c *Config) { c.ConnectTimeout = 1 }),
		},
		"a bastion that accepts and then is silent": {
			StepHandshake, "the time ran out while negotiating with the bastion BASTION", "", false,
			answering(func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) },
				func(c *Config) { c.ConnectTimeout = 100 * time.Millisecond }),
		},
		"a bastion that closes at once": {
			StepHandshake, "the bastion BASTION closed the connection without an error", "limits connections", false,
			answering(func(net.Conn) {}),
		},
		"a bastion that is too busy": {
			StepHandshake, `what answers at BASTION did not speak SSH but said "Exceeded MaxStartups"`, "MaxStartups", false,
			answering(says("Exceeded MaxStartups\r\n")),
		},
		"a web server": {
			StepHandshake, `what answers at BASTION did not speak SSH but said "HTTP/1.1 400 Bad Request"`, "ssh_tunnel.port", false,
			answering(says("HTTP/1.1 400 Bad Request\r\n\r\n")),
		},
		"a bastion that stops in the middle": {
			StepHandshake, "the SSH handshake with the bastion BASTION failed: …", "log", false,
			answering(says("SSH-2.0-Short\r\n")),
		},
		"a bastion from long ago": {
			StepHandshake, `the bastion BASTION and this client have no key exchange in common; it offers only "diffie-hellman-group1-sha1…`,
			"update the bastion", false, opening(func(*Config) {}, withOldAlgorithms),
		},
		"a key the bastion does not know": {
			StepAuthenticate, `the bastion BASTION refused user "loader": the user name is wrong or the key KEY is not among the user's authorized keys (it accepts "publickey")`,
			`add this line to ~/.ssh/authorized_keys of user "loader" on the bastion: LINE`, true,
			opening(withKey(strangeKey().text)),
		},
		"a user the bastion does not know": {
			StepAuthenticate, `the bastion BASTION refused user "nobody": the user name is wrong or the key KEY is not among the user's authorized keys (it accepts "publickey")`,
			"check ssh_tunnel.username", true, opening(func(c *Config) { c.Username = "nobody" }),
		},
		"a wrong password": {
			StepAuthenticate, `the bastion BASTION refused user "nobody": the user name or the password is wrong (it accepts "password")`,
			"ssh_tunnel.password", false,
			opening(func(c *Config) { withPassword(c); c.Username = "nobody" }, takesPassword),
		},
		"a wrong answer to its questions": {
			StepAuthenticate, `the bastion BASTION refused user "loader": the user name or the password is wrong (it accepts "keyboard-interactive")`,
			"ssh_tunnel.password", false,
			opening(func(c *Config) { c.PrivateKey, c.Password = "", secretPassphrase }, asksQuestions),
		},
		"a key and a password, both wrong": {
			StepAuthenticate, `the bastion BASTION refused user "loader": the user name is wrong or the key KEY is not among …`,
			"LINE", true, opening(func(c *Config) { c.PrivateKey, c.Password = strangeKey().text, secretPassphrase },
				func(b *bastion) {
					known := b.config.PublicKeyCallback
					takesPassword(b)
					b.config.PublicKeyCallback = known
				}),
		},
		"a password where only keys are accepted": {
			StepAuthenticate, `the bastion BASTION does not accept a password from user "loader" (it accepts "publickey")`,
			"publickey is ssh_tunnel.private_key", false, opening(withPassword),
		},
		"a key where only passwords are accepted": {
			StepAuthenticate, `the bastion BASTION does not accept a key from user "loader" (it accepts "password")`,
			"ssh_tunnel.password", true, opening(func(*Config) {}, takesPassword),
		},
		"a key where a password is asked for as well": {
			StepAuthenticate, `the bastion BASTION accepted publickey for user "loader" but asks for more (it accepts "password")`,
			"both", true, opening(func(*Config) {}, asksBoth),
		},
		"a bastion that closes during the login": {
			StepAuthenticate, `the bastion BASTION closed the connection while authenticating user "loader"`, "log", true,
			opening(func(*Config) {}, dropsAtLogin),
		},
		"an agent with more keys than the bastion tries": {
			StepAuthenticate, `the bastion BASTION gave up on user "loader" after too many keys: it took none of the key KEY`,
			"ssh_tunnel.private_key", true,
			withAgent(noKey, func(t *testing.T) string { return startAgent(t, strangeKey()) }, func(b *bastion) { b.config.MaxAuthTries = 1 }),
		},
		"an agent that is not there": {
			StepConfigure, "neither a private key nor a password is given, and no SSH agent answers at SSH_AUTH_SOCK", "start the agent", false,
			withAgent(noKey, func(t *testing.T) string { return filepath.Join(t.TempDir(), "none") }),
		},
		"an agent without keys": {
			StepConfigure, "neither a private key nor a password is given, and the SSH agent holds no key", "ssh-add", false,
			withAgent(noKey, func(t *testing.T) string { return startAgent(t) }),
		},
		"nothing to authenticate with": {
			StepConfigure, "there is nothing to authenticate with: no private key, no password, no SSH agent", "keygen", false,
			opening(withKey("")),
		},
		"an encrypted key without its passphrase": {
			StepConfigure, "the private key is encrypted and no passphrase is given", "ssh_tunnel.private_key_passphrase", true,
			opening(func(c *Config) { c.PrivateKey, c.PrivateKeyPassphrase = encryptedKey(), "" }),
		},
		"an encrypted key with another passphrase": {
			StepConfigure, "the passphrase does not open the private key", "ssh_tunnel.private_key_passphrase", true,
			opening(func(c *Config) {
				c.PrivateKey, c.PrivateKeyPassphrase = encryptedKey(), secretPassword
			}),
		},
		"a key file that does not exist": {
			StepConfigure, `cannot read ssh_tunnel.private_key_file "/nowhere/key": …`, "path", false,
			opening(func(c *Config) { c.PrivateKey, c.PrivateKeyFile = "", "/nowhere/key" }),
		},
		"an empty key file": {
			StepConfigure, "the private key is empty", "keygen", false,
			opening(func(c *Config) { c.PrivateKey, c.PrivateKeyFile = "", os.DevNull }),
		},
		"a key as the name of its file": {
			StepConfigure, "ssh_tunnel.private_key_file is not the path of a file", "not the text of a key", false,
			opening(func(c *Config) { c.PrivateKey, c.PrivateKeyFile = "", c.PrivateKey }),
		},
		"a key in one line as the name of its file": {
			StepConfigure, "ssh_tunnel.private_key_file is not the path of a file", "not the text of a key", false,
			opening(func(c *Config) {
				c.PrivateKey, c.PrivateKeyFile = "", strings.ReplaceAll(c.PrivateKey, "\n", `\n`)
			}),
		},
		"a key as known hosts": {
			StepConfigure, "ssh_tunnel.known_hosts is not the path of a file", "not the text of a key", false,
			opening(func(c *Config) { c.HostKey, c.KnownHosts = "", c.PrivateKey }),
		},
		"known hosts that do not exist": {
			StepConfigure, `cannot read ssh_tunnel.known_hosts "/nowhere/known_hosts": …`, "path", false,
			opening(func(c *Config) { c.HostKey, c.KnownHosts = "", "/nowhere/known_hosts" }),
		},
		"a private key as the host's": {
			StepConfigure, "ssh_tunnel.host_key is neither a key line nor a SHA256 fingerprint", "ssh-keyscan", false,
			opening(func(c *Config) { c.HostKey = c.PrivateKey }),
		},
		"a host key of blank lines": {
			StepConfigure, "ssh_tunnel.host_key holds no key", "", false, opening(func(c *Config) { c.HostKey = "\n# none\n" }),
		},
		"no host": {
			StepConfigure, "the bastion's host is not given", "ssh_tunnel.host", false, opening(func(c *Config) { c.Host = "" }),
		},
		"a URL as the host": {
			StepConfigure, "the bastion's host is not a name or an address", "the host alone", false,
			opening(func(c *Config) { c.Host = "ssh://loader:" + secretPassword + "@bastion.example" }),
		},
		"a host with its port": {
			StepConfigure, "the bastion's host is not a name or an address", "ssh_tunnel.port", false,
			opening(func(c *Config) { c.Host = "bastion.example:22" }),
		},
		"no user": {
			StepConfigure, "the bastion's user is not given", "ssh_tunnel.username", false, opening(func(c *Config) { c.Username = "" }),
		},
		"a port that is none": {
			StepConfigure, "the bastion's port 70000 is not a port", "ssh_tunnel.port", false, opening(func(c *Config) { c.Port = 70000 }),
		},
		"a bastion that forbids forwarding": {
			StepForward, `the bastion BASTION forbids forwarding to DB: "open failed"`, "AllowTcpForwarding yes", false,
			dialling(echo, func(b *bastion) { b.forbids = true }),
		},
		"a database the bastion does not reach": {
			StepDatabase, `the bastion BASTION works, but cannot reach the database at DB: "Connection refused"`, "listen_addresses", false,
			dialling(unused),
		},
		"a database that does not answer the bastion": {
			StepDatabase, "the time ran out while the bastion BASTION connected to the database at DB", "firewall between the two", false,
			dialling(echo, func(b *bastion) { b.stalls = true }),
		},
		"a database without a port": {
			StepConfigure, `the database's address "db.example" is not a host and a port`, "port", false,
			dialling(func(testing.TB) string { return "db.example" }),
		},
	}
}

// TestEveryFailureHasItsOwnSentence is also the search for secrets through every failing path: mustFail and watchedLog
// look for them.
func TestEveryFailureHasItsOwnSentence(t *testing.T) {
	t.Parallel()
	for name, want := range failures() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var used failed
			got := mustFail(t, want.run(t, &used))
			if got.Step != want.step {
				t.Errorf("it fails at step %q, want %q", got.Step, want.step)
			}
			if (got.PublicKey != "") != want.keyed {
				t.Errorf("the public key is %q", got.PublicKey)
			}
			fingerprint := ""
			if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(got.PublicKey)); err == nil {
				fingerprint = ssh.FingerprintSHA256(key)
			}
			fill := strings.NewReplacer("BASTION", used.bastion, "DB", used.db, "KEY", fingerprint, "LINE", got.PublicKey)
			reason, open := strings.CutSuffix(fill.Replace(want.reason), "…")
			if got.Reason != reason && !(open && strings.HasPrefix(got.Reason, reason)) {
				t.Errorf("it says\n%s\nwant\n%s", got.Reason, reason)
			}
			if hint := fill.Replace(want.hint); !strings.Contains(got.Hint, hint) || (hint == "") != (got.Hint == "") {
				t.Errorf("it advises %q, want %q in it", got.Hint, hint)
			}
			for _, part := range []string{got.Reason, got.Hint} {
				if !strings.Contains(got.Error(), part) {
					t.Errorf("Error() is %q, without %q", got.Error(), part)
				}
			}
			if strings.ContainsAny(got.Error(), "\r\n") {
				t.Errorf("the sentence spans lines: %q", got.Error())
			}
		})
	}
}

func TestOnlyWhatMayPassIsTransient(t *testing.T) {
	t.Parallel()
	for step, want := range map[string]bool{
		StepConfigure: false, StepResolve: true, StepConnect: true, StepHandshake: true, StepHostKey: false,
		StepAuthenticate: false, StepForward: false, StepDatabase: true, StepSession: false,
	} {
		if got := (&Error{Step: step}).Transient(); got != want {
			t.Errorf("a failed %s: %v, want %v", step, got, want)
		}
	}
	if (&Error{Step: StepConnect, Err: context.Canceled}).Transient() {
		t.Error("what was given up on purpose would be tried again")
	}
	if !(&Error{Step: StepSession, Err: errSessionLost}).Transient() {
		t.Error("a lost session would not be tried again")
	}
}

func TestWhatTheBastionSaysCannotForgeOrFloodALog(t *testing.T) {
	t.Parallel()
	got := foreign("line\nlevel=INFO msg=forged\x1b[2J" + strings.Repeat("x", 10_000))
	if strings.ContainsAny(got, "\n\x1b") || len(got) > 400 {
		t.Errorf("got %q", got)
	}
}
