package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"target-postgres/tunnel"
)

// keygen makes the key pair of an SSH tunnel and says where its public half belongs.
func (p *Program) keygen(args []string) error {
	set := flag.NewFlagSet("keygen", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	output := set.String("output", "target_postgres_ed25519", "")
	comment := set.String("comment", defaultComment(), "")
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(p.Stdout, keygenUsage)
			return nil
		}
		return wrongFlag(err)
	}
	if set.NArg() > 0 {
		return &usageError{"unexpected argument " + shown(set.Arg(0))}
	}
	public, err := tunnel.WriteKeyPair(*output, *comment)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keygen: %w; keys are never overwritten: name another file with --output", err)
	}
	if err != nil {
		return fmt.Errorf("keygen: %w", err)
	}
	_, err = fmt.Fprintf(p.Stdout, `private key: %s (keep it; name it in ssh_tunnel.private_key_file, or put its text into ssh_tunnel.private_key)
public key:  %s.pub

Add this line to ~/.ssh/authorized_keys of the SSH user on the bastion:
%s
`, *output, *output, public)
	return err
}

const keygenUsage = `target-postgres keygen makes an Ed25519 key pair for ssh_tunnel.

      --output FILE   where the private key goes, and FILE.pub the public one
                      (default target_postgres_ed25519); existing files are kept
      --comment TEXT  comment of the public key
`

// defaultComment tells the keys of several machines apart in authorized_keys.
func defaultComment() string {
	host, err := os.Hostname()
	if err != nil {
		return "target-postgres"
	}
	return "target-postgres@" + host
}
