package tunnel

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the hash of OpenSSH's HashKnownHosts, not a protection of ours
	"encoding/base64"
	"fmt"
	"net"
	"regexp"
	"strings"

	"golang.org/x/crypto/ssh"
)

// knownHosts is a known_hosts file. The package x/crypto/ssh/knownhosts reads files only, while a container may have
// the text alone and no directory to write it to, and refuses a whole file for one line it cannot read, which OpenSSH
// skips.
type knownHosts struct {
	source string // for messages
	lines  []knownLine
}

// knownLine is one entry of it.
type knownLine struct {
	number   int
	marker   string // "", "cert-authority" or "revoked"
	patterns []string
	key      ssh.PublicKey
}

func parseKnownHosts(source, text string) *knownHosts {
	known := &knownHosts{source: source}
	for i, line := range lines(text) {
		marker, patterns, key, _, _, err := ssh.ParseKnownHosts([]byte(line))
		if err != nil || marker != "" && marker != "cert-authority" && marker != "revoked" {
			continue
		}
		known.lines = append(known.lines, knownLine{i + 1, marker, patterns, key})
	}
	return known
}

// keysOf returns the entries of a host that are neither authorities nor revoked.
func (k *knownHosts) keysOf(host string) []knownLine { return k.of(host, "") }

// authoritiesOf returns the certificate authorities trusted for a host.
func (k *knownHosts) authoritiesOf(host string) []knownLine { return k.of(host, "cert-authority") }

func (k *knownHosts) of(host, marker string) []knownLine {
	var found []knownLine
	for _, line := range k.lines {
		if line.marker == marker && line.matches(host) {
			found = append(found, line)
		}
	}
	return found
}

// revoked reports whether a key, or any part of a certificate, is revoked for any host: a stolen key is no better under
// another name.
func (k *knownHosts) revoked(key ssh.PublicKey) bool {
	parts := []ssh.PublicKey{key}
	if cert, ok := key.(*ssh.Certificate); ok {
		parts = []ssh.PublicKey{cert.Key, cert.SignatureKey}
	}
	for _, line := range k.lines {
		for _, part := range parts {
			if line.marker == "revoked" && sameKey(line.key, part) {
				return true
			}
		}
	}
	return false
}

// matches reports whether the entry is about a host, which is written as knownName writes it. A pattern with ! takes
// the host out again.
func (l knownLine) matches(host string) bool {
	matched := false
	for _, pattern := range l.patterns {
		pattern, negated := strings.CutPrefix(pattern, "!")
		if !matchPattern(pattern, host) {
			continue
		}
		if negated {
			return false
		}
		matched = true
	}
	return matched
}

func matchPattern(pattern, host string) bool {
	if strings.HasPrefix(pattern, "|") {
		return matchHashed(pattern, host)
	}
	expr := regexp.QuoteMeta(strings.ToLower(pattern))
	expr = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(expr)
	matched, err := regexp.MatchString("^(?:"+expr+")$", host)
	return err == nil && matched
}

// matchHashed compares with |1|salt|hash, the form of HashKnownHosts.
func matchHashed(pattern, host string) bool {
	parts := strings.Split(pattern, "|")
	if len(parts) != 4 || parts[1] != "1" {
		return false
	}
	salt, err1 := base64.StdEncoding.DecodeString(parts[2])
	want, err2 := base64.StdEncoding.DecodeString(parts[3])
	if err1 != nil || err2 != nil {
		return false
	}
	mac := hmac.New(sha1.New, salt)
	mac.Write([]byte(host))
	return hmac.Equal(mac.Sum(nil), want)
}

// knownName is a host as known_hosts writes it: the port only when unusual.
func knownName(host string, port int) string {
	host = strings.ToLower(host)
	if port == defaultPort {
		return host
	}
	return fmt.Sprintf("[%s]:%d", host, port)
}

func sameKey(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }

// checkCertificate accepts a host certificate signed by an authority of the host.
func (k *knownHosts) checkCertificate(address, host string, remote net.Addr, cert *ssh.Certificate) error {
	checker := ssh.CertChecker{
		IsHostAuthority: func(authority ssh.PublicKey, _ string) bool {
			for _, line := range k.authoritiesOf(host) {
				if sameKey(line.key, authority) {
					return true
				}
			}
			return false
		},
	}
	return checker.CheckHostKey(address, remote, cert)
}
