package pgserver

import (
	"os"
	"os/exec"
)

// account is the user that PostgreSQL's programs run as. On Windows they give up administrative rights by themselves,
// so that it is always nil: the user of this process.
type account struct{}

func serviceAccount() (*account, error) { return nil, nil }

func ownerAccount(string) (*account, error) { return nil, nil }

func (a *account) String() string { return "this user" }

func (a *account) apply(*exec.Cmd) {}

func (a *account) give(*os.File) error { return nil }

func (a *account) verifyOwner(string) error { return nil }
