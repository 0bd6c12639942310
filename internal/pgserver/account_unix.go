//go:build unix

package pgserver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is the user that PostgreSQL's programs run as; nil is the user of this process.
type account struct {
	name     string
	uid, gid int
}

// serviceAccount returns the unprivileged account for root to use, and nil for other users.
func serviceAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return &account{name: name, uid: uid, gid: gid}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}

// ownerAccount returns the account that root must use for a directory that exists: its owner. The service account gets
// a directory that does not exist, or that belongs to root or to a number without a name, such as one mounted into a
// container: initdb insists on a name.
func ownerAccount(dir string) (*account, error) {
	info, err := os.Stat(dir)
	if os.Geteuid() != 0 || errors.Is(err, fs.ErrNotExist) {
		return serviceAccount()
	}
	if err != nil {
		return nil, err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return serviceAccount()
	}
	u, err := user.LookupId(strconv.Itoa(int(owner.Uid)))
	if err != nil {
		return serviceAccount()
	}
	return &account{name: u.Username, uid: int(owner.Uid), gid: int(owner.Gid)}, nil
}

func (a *account) String() string { return "user " + a.name }

// apply makes cmd run as the account.
func (a *account) apply(cmd *exec.Cmd) {
	if a == nil {
		return
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)},
	}
}

// give makes the account the owner of an open file or directory.
func (a *account) give(f *os.File) error {
	if a == nil {
		return nil
	}
	return f.Chown(a.uid, a.gid)
}

// verifyOwner refuses a directory that belongs to neither this user nor the account, or that others can write to: in a
// shared place such as /tmp any user may have made it.
func (a *account) verifyOwner(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	mine := int(owner.Uid) == os.Geteuid() || a != nil && int(owner.Uid) == a.uid
	if !mine || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s belongs to another user or is writable by others; remove it", dir)
	}
	return nil
}
