package tunnel

import (
	"context"
	"net"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// credentials are what a Config offers a bastion.
type credentials struct {
	user        string
	signer      ssh.Signer // nil without a private key
	password    string
	agentSocket string // "" when the agent is not to be asked
}

func newCredentials(cfg Config, env environment) (*credentials, error) {
	c := &credentials{user: cfg.Username, password: cfg.Password}
	text := cfg.PrivateKey
	if text == "" && cfg.PrivateKeyFile != "" {
		var err error
		if text, err = readSetting("ssh_tunnel.private_key_file", cfg.PrivateKeyFile, env.home); err != nil {
			return nil, err
		}
	}
	if text != "" || cfg.PrivateKeyFile != "" {
		signer, err := parsePrivateKey(text, cfg.PrivateKeyPassphrase)
		if err != nil {
			return nil, err
		}
		c.signer = signer
	}
	if c.signer == nil && c.password == "" {
		if env.agentSocket == "" {
			return nil, configError("there is nothing to authenticate with: no private key, no password, no SSH agent",
				"set ssh_tunnel.private_key (target-postgres keygen makes one) or ssh_tunnel.password, or start an agent (SSH_AUTH_SOCK)")
		}
		c.agentSocket = env.agentSocket
	}
	return c, nil
}

// login is one authentication: what we offered, what the bastion asked for.
type login struct {
	*credentials
	keys     []ssh.PublicKey // ours, whether it comes to asking them or not
	signers  []ssh.Signer
	agent    net.Conn // open while its signers are in use, or nil
	allowed  []string // methods the bastion last said it accepts
	accepted []string // methods that succeeded but did not suffice
	tried    []string
}

// login prepares the authentication of one connection. Close it afterwards.
func (c *credentials) login(ctx context.Context) (*login, error) {
	l := &login{credentials: c}
	if c.signer != nil {
		l.signers = []ssh.Signer{c.signer}
	}
	if c.agentSocket != "" {
		if err := l.askAgent(ctx); err != nil {
			l.close()
			return nil, err
		}
	}
	for _, s := range l.signers {
		l.keys = append(l.keys, s.PublicKey())
	}
	return l, nil
}

func (l *login) askAgent(ctx context.Context) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", l.agentSocket)
	if err != nil {
		return &Error{
			Step: StepConfigure, Reason: "neither a private key nor a password is given, and no SSH agent answers at SSH_AUTH_SOCK",
			Hint: "set ssh_tunnel.private_key or ssh_tunnel.password, or start the agent", Err: err,
		}
	}
	l.agent = conn
	// An agent that hangs would otherwise hang us: its protocol knows no context.
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	l.signers, err = agent.NewClient(conn).Signers()
	if err != nil {
		return &Error{Step: StepConfigure, Reason: "the SSH agent does not list its keys", Hint: "try ssh-add -l", Err: err}
	}
	if len(l.signers) == 0 {
		return configError("neither a private key nor a password is given, and the SSH agent holds no key",
			"add one with ssh-add, or set ssh_tunnel.private_key or ssh_tunnel.password")
	}
	return nil
}

func (l *login) close() {
	if l.agent != nil {
		_ = l.agent.Close()
	}
}

// methods are tried in this order as far as the bastion allows them.
func (l *login) methods() []ssh.AuthMethod {
	var methods []ssh.AuthMethod
	if len(l.signers) > 0 {
		methods = append(methods, ssh.PublicKeys(l.signers...))
	}
	if l.password != "" {
		methods = append(methods, ssh.Password(l.password), ssh.KeyboardInteractive(l.answer))
	}
	return methods
}

// answer gives the password to questions whose answer is not to be seen, and nothing to others: they ask for something
// else.
func (l *login) answer(_, _ string, questions []string, echos []bool) ([]string, error) {
	answers := make([]string, len(questions))
	for i := range questions {
		if !echos[i] {
			answers[i] = l.password
		}
	}
	return answers, nil
}

// observe notes, after every attempt, what the bastion thinks of it.
func (l *login) observe(state *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	l.allowed, l.accepted, l.tried = state.AllowedMethods, state.PartialSuccessMethods, state.TriedMethods
	return nil, nil // go on with ClientConfig.Auth
}

// publicKeys are the authorized_keys lines of our keys.
func (l *login) publicKeys() string {
	var all []string
	for _, key := range l.keys {
		all = append(all, keyLine(key))
	}
	return strings.Join(all, "\n")
}
