package tunnel

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

func takesPassword(b *bastion) {
	b.config.PublicKeyCallback = nil
	b.config.PasswordCallback = func(conn ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		if conn.User() != user || string(password) != secretPassword {
			return nil, errors.New("wrong password")
		}
		return nil, nil
	}
}

func asksQuestions(b *bastion) {
	b.config.PublicKeyCallback = nil
	b.config.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		answers, err := ask("", "", []string{"Site: ", "Password: "}, []bool{true, false})
		if err != nil || answers[0] != "" || answers[1] != secretPassword {
			return nil, errors.New("wrong answer")
		}
		return nil, nil
	}
}

// asksBoth demands a password after the key, as AuthenticationMethods does.
func asksBoth(b *bastion) {
	takesPassword(b)
	second := ssh.ServerAuthCallbacks{PasswordCallback: b.config.PasswordCallback}
	b.config.PasswordCallback = nil
	b.config.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
		return nil, &ssh.PartialSuccessError{Next: second}
	}
}

func takesModernRSA(b *bastion) {
	b.config.PublicKeyAuthAlgorithms = []string{ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512}
}

func withKey(text string) func(*Config) { return func(c *Config) { c.PrivateKey = text } }

func withPassword(c *Config) { c.PrivateKey, c.Password = "", secretPassword }

func withPassphrase(c *Config) { c.PrivateKeyPassphrase = secretPassphrase }

func TestEveryWayToAuthenticateReachesTheDatabase(t *testing.T) {
	t.Parallel()
	keys := testKeys()
	pkcs1, encrypted, pkcs8 := opensslForms()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(keys["ecdsa"].text), 0o600); err != nil {
		t.Fatal(err)
	}
	type edits = []func(*Config)
	for name, c := range map[string]struct {
		bastion func(*bastion)
		edits   edits
	}{
		"an Ed25519 key":                         {nil, nil},
		"an ECDSA key":                           {nil, edits{withKey(keys["ecdsa"].text)}},
		"an RSA key, signing with SHA-2":         {takesModernRSA, edits{withKey(keys["rsa"].text)}},
		"an RSA key in OpenSSL's form":           {takesModernRSA, edits{withKey(pkcs1)}},
		"an RSA key in PKCS#8":                   {takesModernRSA, edits{withKey(pkcs8)}},
		"an encrypted key":                       {nil, edits{withKey(encryptedKey()), withPassphrase}},
		"an encrypted key in OpenSSL's old form": {nil, edits{withKey(encrypted), withPassphrase}},
		"a plain key with a needless passphrase": {nil, edits{withPassphrase}},
		"a key in a file":                        {nil, edits{withKey(""), func(c *Config) { c.PrivateKeyFile = file }}},
		"a password":                             {takesPassword, edits{withPassword}},
		"questions about a password":             {asksQuestions, edits{withPassword}},
		"a key and then a password":              {asksBoth, edits{func(c *Config) { c.Password = secretPassword }}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			option := c.bastion
			if option == nil {
				option = func(*bastion) {}
			}
			b := startBastion(t, option)
			mustEcho(t, mustDial(t, mustOpen(t, b.with(c.edits...)), echo(t)))
		})
	}
}

// startAgent serves keys on a socket as ssh-agent does.
func startAgent(t testing.TB, keys ...testKey) (socket string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("agents on Windows have no socket")
	}
	ring := agent.NewKeyring()
	for _, key := range keys {
		if err := ring.Add(agent.AddedKey{PrivateKey: key.raw}); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := os.MkdirTemp("", "agent") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket = filepath.Join(dir, "agent.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_ = agent.ServeAgent(ring, conn)
			}()
		}
	}()
	return socket
}

func TestAnAgentIsAskedWhenThereIsNeitherKeyNorPassword(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	env := environment{agentSocket: startAgent(t, strangeKey(), testKeys()["rsa"])}
	tun, err := open(patience(t), b.with(withKey("")), env, watchedLog(t))
	if err != nil {
		t.Fatal(err)
	}
	defer tun.Close()
	mustEcho(t, mustDial(t, tun, echo(t)))
}

func TestAnAgentIsNotAskedWhenThereIsAKey(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	env := environment{agentSocket: filepath.Join(t.TempDir(), "nobody-home")}
	tun, err := open(patience(t), b.with(), env, watchedLog(t))
	if err != nil {
		t.Fatal(err)
	}
	_ = tun.Close()
}

func TestTheDatabasesNameIsResolvedByTheBastion(t *testing.T) {
	t.Parallel()
	b := startBastion(t, func(b *bastion) { b.names = map[string]string{"db.private.invalid:5432": echo(t)} })
	tun := mustOpen(t, b.with())
	hosts, err := tun.LookupHost(t.Context(), "db.private.invalid")
	if err != nil || len(hosts) != 1 {
		t.Fatalf("LookupHost returned %v, %v", hosts, err)
	}
	conn := mustDial(t, tun, net.JoinHostPort(hosts[0], "5432"))
	mustEcho(t, conn)
	// pgx sends its cancel requests to the address of the connection.
	if got := conn.RemoteAddr(); got.Network() != "tcp" || got.String() != "db.private.invalid:5432" {
		t.Errorf("RemoteAddr is %s %s", got.Network(), got)
	}
}

func TestADeadBastionIsDialledAgain(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	tun := mustOpen(t, b.with())
	address := echo(t)
	conn := mustDial(t, tun, address)
	mustEcho(t, conn)
	b.drop()
	_, err := io.ReadAll(conn)
	failure := mustFail(t, err)
	if failure.Step != StepSession || !strings.HasSuffix(failure.Reason, "dropped the connection") || !failure.Transient() {
		t.Errorf("reading from a dropped bastion fails with %#v", failure)
	}
	mustEcho(t, mustDial(t, tun, address))
}

func TestConcurrentDialsShareOneNewSession(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	tun := mustOpen(t, b.with())
	address := echo(t)
	first := mustDial(t, tun, address)
	b.drop()
	_, _ = io.ReadAll(first)
	before := b.connections()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			conn, err := tun.DialContext(patience(t), "tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			mustEcho(t, conn)
		})
	}
	all.Wait()
	if got := b.connections() - before; got != 1 {
		t.Errorf("16 dials made %d connections to the bastion", got)
	}
}

func TestADialThatIsGivenUpLeavesTheTunnelWorking(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	tun := mustOpen(t, b.with())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tun.DialContext(ctx, "tcp", echo(t))
	if failure := mustFail(t, err); !errors.Is(failure, context.Canceled) || failure.Transient() {
		t.Errorf("a cancelled dial fails with %#v", failure)
	}
	mustEcho(t, mustDial(t, tun, echo(t)))
}

func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	tun := mustOpen(t, b.with(func(c *Config) { c.KeepAlive = defaultKeepAlive }))
	conn := mustDial(t, tun, echo(t))
	mustEcho(t, conn)
	// Close waits for the goroutines: that it returns proves they end.
	if err := tun.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading after Close fails with %v", err)
	}
	_, err := tun.DialContext(t.Context(), "tcp", "127.0.0.1:1")
	if failure := mustFail(t, err); !errors.Is(failure, net.ErrClosed) || failure.Transient() {
		t.Errorf("dialling after Close fails with %#v", failure)
	}
	if err := tun.Close(); err != nil {
		t.Errorf("a second Close fails with %v", err)
	}
}

func TestCloseEndsConnectionsOfSessionsThatAreGone(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	tun := mustOpen(t, b.with())
	// The test does not read what the echo sends back: it waits in the tunnel.
	unread := mustDial(t, tun, echo(t))
	if _, err := unread.Write([]byte("unread")); err != nil {
		t.Fatal(err)
	}
	b.drop()
	<-tun.session.done
	mustEcho(t, mustDial(t, tun, echo(t)))
	if err := tun.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := unread.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a connection from before fails with %v", err)
	}
}
