package tunnel

import (
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// hostKeys decides whether a bastion is the one that was meant.
type hostKeys struct {
	address string // host:port
	name    string // as known_hosts writes it
	log     *slog.Logger

	pins     []pin
	known    *knownHosts // nil when pins are given
	firstUse bool        // nothing is known of this host: trust the first key

	mu      sync.Mutex
	trusted ssh.PublicKey // that key, once seen
}

// pin is one key of ssh_tunnel.host_key.
type pin struct {
	fingerprint string
	keyType     string // "" when only the fingerprint is given
}

func newHostKeys(cfg Config, env environment, log *slog.Logger) (*hostKeys, error) {
	h := &hostKeys{address: cfg.address(), name: knownName(cfg.Host, cfg.Port), log: log}
	var err error
	switch {
	case cfg.HostKey != "":
		h.pins, err = parsePins(cfg.HostKey)
	case cfg.KnownHosts != "":
		h.known, err = configuredKnownHosts(cfg.KnownHosts, env.home)
	default:
		h.known = userKnownHosts(env.home)
		h.firstUse = len(h.known.keysOf(h.name))+len(h.known.authoritiesOf(h.name)) == 0
	}
	return h, err
}

// userKnownHosts is the user's own file, empty when it cannot be read.
func userKnownHosts(home string) *knownHosts {
	path := filepath.Join(home, ".ssh", "known_hosts")
	text, err := readSetting("known_hosts", path, home)
	if home == "" || err != nil {
		return &knownHosts{source: path}
	}
	return parseKnownHosts(path, text)
}

func configuredKnownHosts(setting, home string) (*knownHosts, error) {
	if known := parseKnownHosts("ssh_tunnel.known_hosts", setting); len(known.lines) > 0 {
		return known, nil
	}
	text, err := readSetting("ssh_tunnel.known_hosts", setting, home)
	if err != nil {
		return nil, err
	}
	return parseKnownHosts(setting, text), nil
}

// parsePins reads key lines of either style and fingerprints, also as ssh-keygen -l prints them: "256 SHA256:… comment
// (ED25519)".
func parsePins(setting string) ([]pin, error) {
	var pins []pin
	for _, line := range lines(setting) {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if i := strings.Index(line, "SHA256:"); i >= 0 {
			pins = append(pins, pin{fingerprint: strings.TrimRight(strings.Fields(line[i:])[0], "=")})
			continue
		}
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			_, _, key, _, _, err = ssh.ParseKnownHosts([]byte(line))
		}
		if err != nil {
			return nil, configError("ssh_tunnel.host_key is neither a key line nor a SHA256 fingerprint",
				"`ssh-keyscan HOST` prints key lines, `ssh-keyscan HOST | ssh-keygen -lf -` fingerprints")
		}
		pins = append(pins, pin{ssh.FingerprintSHA256(key), key.Type()})
	}
	if len(pins) == 0 {
		return nil, configError("ssh_tunnel.host_key holds no key", "")
	}
	return pins, nil
}

// check accepts or refuses the key a bastion has proven to own.
func (h *hostKeys) check(remote net.Addr, key ssh.PublicKey) *Error {
	switch {
	case h.known == nil:
		return h.checkPins(key)
	case h.known.revoked(key):
		return &Error{
			Step:   StepHostKey,
			Reason: fmt.Sprintf("the host key %s of the bastion %s is revoked in %s", describe(key), h.address, h.known.source),
			Hint:   "do not connect; ask the bastion's administrator for its new key",
		}
	case h.firstUse:
		return h.checkFirst(key)
	}
	return h.checkKnown(remote, key)
}

func (h *hostKeys) checkPins(key ssh.PublicKey) *Error {
	want := make([]string, len(h.pins))
	for i, p := range h.pins {
		if p.fingerprint == ssh.FingerprintSHA256(key) {
			return nil
		}
		want[i] = p.fingerprint
	}
	return h.changed(key, strings.Join(want, " or "), "ssh_tunnel.host_key")
}

func (h *hostKeys) checkKnown(remote net.Addr, key ssh.PublicKey) *Error {
	if cert, ok := key.(*ssh.Certificate); ok {
		err := h.known.checkCertificate(h.address, h.name, remote, cert)
		if err == nil {
			return nil
		}
		return &Error{
			Step: StepHostKey, Reason: "the host certificate of the bastion " + h.address + " is not valid: " + foreign(err.Error()),
			Hint: "ask the bastion's administrator", Err: err,
		}
	}
	var want, where []string
	for _, line := range h.known.keysOf(h.name) {
		if sameKey(line.key, key) {
			return nil
		}
		want = append(want, describe(line.key))
		where = append(where, fmt.Sprintf("%s line %d", h.known.source, line.number))
	}
	if len(want) == 0 {
		return &Error{
			Step: StepHostKey,
			Reason: fmt.Sprintf("the host key of the bastion %s is unknown: %s does not hold %q, which showed %s",
				h.address, h.known.source, h.name, describe(key)),
			Hint: "if that is the bastion's key, add the line: " + h.name + " " + keyLine(key),
		}
	}
	return h.changed(key, strings.Join(want, " or "), strings.Join(where, ", "))
}

// checkFirst trusts the first key seen, and from then on no other.
func (h *hostKeys) checkFirst(key ssh.PublicKey) *Error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.trusted != nil {
		if sameKey(h.trusted, key) {
			return nil
		}
		return h.changed(key, describe(h.trusted), "an earlier connection of this run")
	}
	h.trusted = key
	h.log.Warn("ssh tunnel: trusting the bastion's host key on first use; to pin it set ssh_tunnel.host_key to the fingerprint",
		"bastion", h.address, "type", key.Type(), "fingerprint", ssh.FingerprintSHA256(key))
	return nil
}

func (h *hostKeys) changed(got ssh.PublicKey, want, where string) *Error {
	return &Error{
		Step: StepHostKey,
		Reason: fmt.Sprintf("the host key of the bastion %s has changed: expected %s (from %s), got %s",
			h.address, want, where, describe(got)),
		Hint: "either the bastion was reinstalled or the connection is being intercepted: ask its administrator before updating the key",
	}
}

// describe is a key's type and fingerprint.
func describe(key ssh.PublicKey) string { return key.Type() + " " + ssh.FingerprintSHA256(key) }
