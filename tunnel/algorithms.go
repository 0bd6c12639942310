package tunnel

import (
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// algorithms returns the host key algorithms to ask for, best first. A bastion has several keys and shows the one of
// the first algorithm both sides know, so the types we can check come first; the others stay, so that a bastion without
// them is refused for its key and not for a failed negotiation.
func (h *hostKeys) algorithms() []string {
	var types []string
	for _, p := range h.pins {
		types = append(types, p.keyType)
	}
	authorities := false
	if h.known != nil {
		for _, line := range h.known.keysOf(h.name) {
			types = append(types, line.key.Type())
		}
		authorities = len(h.known.authoritiesOf(h.name)) > 0
	}
	h.mu.Lock()
	if h.trusted != nil {
		types = append(types, h.trusted.Type())
	}
	h.mu.Unlock()
	return orderAlgorithms(types, authorities)
}

func orderAlgorithms(types []string, authorities bool) []string {
	var certificates, wanted, others []string
	for _, algorithm := range ssh.SupportedAlgorithms().HostKeys {
		switch {
		case strings.Contains(algorithm, "-cert-"):
			// Certificates change with every renewal: without an authority to check them by, the plain key is the one
			// to remember.
			if authorities {
				certificates = append(certificates, algorithm)
			}
		case slices.Contains(types, keyTypeOf(algorithm)):
			wanted = append(wanted, algorithm)
		default:
			others = append(others, algorithm)
		}
	}
	// Ed25519 is what a first connection should remember.
	slices.SortStableFunc(others, func(a, b string) int {
		return rank(a) - rank(b)
	})
	return slices.Concat(certificates, wanted, others)
}

func rank(algorithm string) int {
	if algorithm == ssh.KeyAlgoED25519 {
		return 0
	}
	return 1
}

// keyTypeOf is the type of the keys that sign with an algorithm: RSA keys keep the name of their SHA-1 algorithm.
func keyTypeOf(algorithm string) string {
	if algorithm == ssh.KeyAlgoRSASHA256 || algorithm == ssh.KeyAlgoRSASHA512 {
		return ssh.KeyAlgoRSA
	}
	return algorithm
}

// withoutType removes the algorithms of one type of key.
func withoutType(algorithms []string, keyType string) []string {
	return slices.DeleteFunc(slices.Clone(algorithms), func(a string) bool { return keyTypeOf(a) == keyType })
}

// onlyFingerprints reports whether a pin does not say which type of key to ask for, so that a mismatch may only mean
// that the bastion showed another of its keys.
func (h *hostKeys) onlyFingerprints() bool {
	return slices.ContainsFunc(h.pins, func(p pin) bool { return p.keyType == "" })
}
