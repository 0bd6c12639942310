//go:build unix

package tunnel

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func TestOpenSSHLetsInByEveryKindOfKey(t *testing.T) {
	t.Parallel()
	s := startSSHD(t)
	address := echo(t)
	keys := testKeys()
	pkcs1, _, _ := opensslForms()
	file := filepath.Join(t.TempDir(), "key")
	if _, err := WriteKeyPair(file, ""); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*Config){
		"an Ed25519 key":                  func(*Config) {},
		"an ECDSA key":                    withKey(keys["ecdsa"].text),
		"an RSA key":                      withKey(keys["rsa"].text),
		"an RSA key in OpenSSL's form":    withKey(pkcs1),
		"an encrypted key":                func(c *Config) { c.PrivateKey = encryptedKey(); withPassphrase(c) },
		"a key with literal line breaks":  withKey(strings.ReplaceAll(keys["ecdsa"].text, "\n", `\n`)),
		"a password that is not needed":   func(c *Config) { c.Password = secretPassword },
		"the RSA host key pinned":         func(c *Config) { c.HostKey = publicLine("rsa") },
		"the ECDSA host key pinned":       func(c *Config) { c.HostKey = publicLine("ecdsa") },
		"an RSA host key's fingerprint":   func(c *Config) { c.HostKey = ssh.FingerprintSHA256(keys["rsa"].signer.PublicKey()) },
		"an ECDSA host key's fingerprint": func(c *Config) { c.HostKey = ssh.FingerprintSHA256(keys["ecdsa"].signer.PublicKey()) },
		"known hosts with RSA only":       func(c *Config) { c.HostKey, c.KnownHosts = "", s.name()+" "+publicLine("rsa") },
		"known hosts, hashed": func(c *Config) {
			c.HostKey, c.KnownHosts = "", knownhosts.HashHostname(s.name())+" "+publicLine("ecdsa")
		},
		"trust on first use": func(c *Config) { c.HostKey = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mustEcho(t, mustDial(t, mustOpen(t, s.with(edit)), address))
		})
	}
}

func TestOpenSSHLetsInByAnAgent(t *testing.T) {
	t.Parallel()
	s := startSSHD(t)
	env := environment{agentSocket: startAgent(t, strangeKey(), testKeys()["rsa"])}
	tun, err := open(patience(t), s.with(withKey("")), env, watchedLog(t))
	if err != nil {
		t.Fatal(err)
	}
	defer tun.Close()
	mustEcho(t, mustDial(t, tun, echo(t)))
}

func TestOpenSSHRefusalsHaveTheirSentences(t *testing.T) {
	t.Parallel()
	strange := strangeKey().signer.PublicKey()
	for name, c := range map[string]struct {
		options []string
		edit    func(*Config)
		db      string // dialled when the tunnel opens
		step    string
		reason  string // part of it
	}{
		"a changed host key": {
			edit: func(c *Config) { c.HostKey = keyLine(strange) }, step: StepHostKey,
			reason: "has changed: expected " + ssh.FingerprintSHA256(strange),
		},
		"a host key that changed in known hosts": {
			edit: func(c *Config) { c.HostKey, c.KnownHosts = "", "* "+keyLine(strange) }, step: StepHostKey,
			reason: "(from ssh_tunnel.known_hosts line 1)",
		},
		"known hosts without this one": {
			edit: func(c *Config) { c.HostKey, c.KnownHosts = "", "other.example "+publicLine("rsa") }, step: StepHostKey,
			reason: "is unknown",
		},
		"an unknown user": {
			edit: func(c *Config) { c.Username = "no-such-user" }, step: StepAuthenticate,
			reason: `refused user "no-such-user": the user name is wrong or the key ` + ssh.FingerprintSHA256(testKeys()["ed25519"].signer.PublicKey()),
		},
		"an unknown key": {
			edit: withKey(strangeKey().text), step: StepAuthenticate,
			reason: "the key " + ssh.FingerprintSHA256(strange) + ` is not among the user's authorized keys (it accepts "publickey")`,
		},
		"a password where none is taken": {
			edit: withPassword, step: StepAuthenticate, reason: `does not accept a password from user`,
		},
		"a key for which none is taken": {
			options: []string{"PubkeyAuthentication no", "KbdInteractiveAuthentication yes"},
			edit:    func(*Config) {}, step: StepAuthenticate, reason: "does not accept a key from user",
		},
		"a second factor": {
			options: []string{"AuthenticationMethods publickey,publickey"},
			edit:    func(*Config) {}, step: StepAuthenticate, reason: "accepted publickey for user",
		},
		"too many attempts": {
			options: []string{"MaxAuthTries 1"},
			edit:    withKey(strangeKey().text), step: StepAuthenticate, reason: "gave up on user",
		},
		"forwarding forbidden": {
			options: []string{"AllowTcpForwarding no"},
			edit:    func(*Config) {}, db: "127.0.0.1:1", step: StepForward, reason: "forbids forwarding to 127.0.0.1:1",
		},
		"forwarding to elsewhere only": {
			options: []string{"PermitOpen db.example:5432"},
			edit:    func(*Config) {}, db: "127.0.0.1:1", step: StepForward, reason: "forbids forwarding to 127.0.0.1:1",
		},
		"a database that is not there": {
			edit: func(*Config) {}, db: unused(t), step: StepDatabase, reason: `: "Connection refused"`,
		},
		"a database whose name the bastion does not know": {
			edit: func(*Config) {}, db: "db.invalid:5432", step: StepDatabase, reason: "cannot reach the database at db.invalid:5432: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSSHD(t, c.options...)
			tun, err := open(patience(t), s.with(withPassphrase, c.edit), environment{}, watchedLog(t))
			if err == nil {
				defer tun.Close()
				_, err = tun.DialContext(patience(t), "tcp", c.db)
			}
			failure := mustFail(t, err)
			if failure.Step != c.step || !strings.Contains(failure.Reason, c.reason) || failure.Hint == "" {
				t.Errorf("got step %q: %v\nwant step %q: %s", failure.Step, failure, c.step, c.reason)
			}
			if refused := failure.Step == StepAuthenticate && name != "a password where none is taken"; refused != (failure.PublicKey != "") {
				t.Errorf("the public key is %q", failure.PublicKey)
			}
		})
	}
}

func TestOpenSSHDroppedInMidTransferIsNoticedAndDialledAgain(t *testing.T) {
	t.Parallel()
	s := startSSHD(t)
	endless := serveEach(t, func(c *net.TCPConn) {
		block := noise(64 << 10)
		for {
			if _, err := c.Write(block); err != nil {
				return
			}
		}
	})
	sink := serveEach(t, func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) })
	tun := mustOpen(t, s.with())
	reading, writing := mustDial(t, tun, endless), mustDial(t, tun, sink)
	if _, err := io.CopyN(io.Discard, reading, 4<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := writing.Write(noise(4 << 20)); err != nil {
		t.Fatal(err)
	}
	s.kill()
	_, err := io.Copy(io.Discard, reading)
	if failure := mustFail(t, err); failure.Step != StepSession || !failure.Transient() {
		t.Errorf("reading fails with %#v", failure)
	}
	for err = nil; err == nil; {
		_, err = writing.Write(noise(32 << 10))
	}
	if failure := mustFail(t, err); failure.Step != StepSession || !strings.Contains(failure.Reason, s.address()+" dropped the connection") {
		t.Errorf("writing fails with %v", failure)
	}
	again := mustDial(t, tun, endless)
	if _, err := io.CopyN(io.Discard, again, 1<<20); err != nil {
		t.Errorf("after dialling again: %v", err)
	}
}

func TestOpenSSHAnswersKeepAlives(t *testing.T) {
	t.Parallel()
	tun := mustOpen(t, startSSHD(t).with())
	p, tick := startKeepAlive(t, tun)
	for n := range int64(3) {
		if !tick() {
			t.Fatal("the tunnel was given up")
		}
		p.awaitAnswer(n + 1)
	}
	mustEcho(t, mustDial(t, tun, echo(t)))
}

func TestOpenSSHCarriesBulkDataUnharmed(t *testing.T) {
	t.Parallel()
	conn := mustDial(t, mustOpen(t, startSSHD(t).with()), echo(t))
	sent := noise(16 << 20)
	var writing sync.WaitGroup
	writing.Go(func() {
		if _, err := conn.Write(sent); err != nil {
			t.Error(err)
		}
		_ = conn.(halfCloser).CloseWrite()
	})
	got := sha256.New()
	n, err := io.Copy(got, conn)
	writing.Wait()
	want := sha256.Sum256(sent)
	if err != nil || n != int64(len(sent)) || !bytes.Equal(got.Sum(nil), want[:]) {
		t.Fatalf("%d of %d bytes came back, %v", n, len(sent), err)
	}
}

func TestOpenSSHDeliversWhatWasWrittenBeforeClose(t *testing.T) {
	t.Parallel()
	received := make(chan int, 1)
	address := serveEach(t, func(c *net.TCPConn) {
		n, _ := io.Copy(io.Discard, c)
		received <- int(n)
	})
	tun := mustOpen(t, startSSHD(t).with())
	conn := mustDial(t, tun, address)
	sent := noise(1 << 20)
	if _, err := conn.Write(sent); err != nil {
		t.Fatal(err)
	}
	if err := tun.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-received; got != len(sent) {
		t.Errorf("%d of %d bytes arrived", got, len(sent))
	}
}

func TestOpenSSHConnectionsObeyDeadlines(t *testing.T) {
	t.Parallel()
	conn := mustDial(t, mustOpen(t, startSSHD(t).with()), echo(t))
	if err := conn.SetDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a read past its deadline ends with %v", err)
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	mustEcho(t, conn)
}

func TestOpenSSHReachesADatabasesSocket(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "pg") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, ".s.PGSQL.5432")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = io.Copy(c, c)
			_ = c.Close()
		}
	}()
	tun := mustOpen(t, startSSHD(t).with())
	conn, err := tun.DialContext(patience(t), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	mustEcho(t, conn)
	if got := conn.RemoteAddr(); got.Network() != "unix" || got.String() != socket {
		t.Errorf("RemoteAddr is %s %s", got.Network(), got)
	}
}
