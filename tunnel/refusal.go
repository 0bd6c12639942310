package tunnel

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// refused explains an authentication that failed. A bastion never says which of user and key it disliked, so neither
// does the sentence; it says everything else that is known.
func (l *login) refused(address string, cause error) *Error {
	e := &Error{Step: StepAuthenticate, PublicKey: l.publicKeys(), Err: cause}
	offered := " (it accepts " + orNothing(l.allowed) + ")"
	who := fmt.Sprintf("user %q", l.user)
	switch {
	case tooMany(cause):
		e.Reason = fmt.Sprintf("the bastion %s gave up on %s after too many keys: it took none of %s", address, who, l.describeKeys())
		e.Hint = "set ssh_tunnel.private_key to the right key instead of letting the agent offer all it holds"
	case len(l.accepted) > 0:
		e.Reason = fmt.Sprintf("the bastion %s accepted %s for %s but asks for more", address, strings.Join(l.accepted, " and "), who) + offered
		e.Hint = "a second factor cannot be answered unattended; a key and a password can both be set"
	case !slices.ContainsFunc(l.tried, func(method string) bool { return method != "none" }):
		e.Reason = fmt.Sprintf("the bastion %s does not accept %s from %s", address, l.means(), who) + offered
		e.Hint = "use a method it accepts: publickey is ssh_tunnel.private_key, password and keyboard-interactive are ssh_tunnel.password"
	case len(l.keys) > 0:
		e.Reason = fmt.Sprintf("the bastion %s refused %s: the user name is wrong or %s is not among the user's authorized keys",
			address, who, l.describeKeys()) + offered
		e.Hint = fmt.Sprintf("check ssh_tunnel.username, and add this line to ~/.ssh/authorized_keys of %s on the bastion: %s",
			who, strings.ReplaceAll(e.PublicKey, "\n", " or "))
		if l.password != "" {
			e.Reason += "; the password was refused as well"
		}
	default:
		e.Reason = fmt.Sprintf("the bastion %s refused %s: the user name or the password is wrong", address, who) + offered
		e.Hint = "check ssh_tunnel.username and ssh_tunnel.password"
	}
	return e
}

// means names what we have to offer.
func (l *login) means() string {
	switch {
	case len(l.keys) > 0 && l.password != "":
		return "a key or a password"
	case len(l.keys) > 0:
		return "a key"
	}
	return "a password"
}

func (l *login) describeKeys() string {
	all := make([]string, len(l.keys))
	for i, key := range l.keys {
		all[i] = ssh.FingerprintSHA256(key)
	}
	if len(all) == 1 {
		return "the key " + all[0]
	}
	return "the keys " + strings.Join(all, ", ")
}

func orNothing(methods []string) string {
	if len(methods) == 0 {
		return "nothing"
	}
	return foreign(strings.Join(methods, ", "))
}
