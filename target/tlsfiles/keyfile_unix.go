//go:build unix

package tlsfiles

import (
	"os"
	"syscall"

	"target-postgres/target/libpq"
)

// checkKeyFile refuses a key file that others can read, by libpq's rule: 0600 or less, and 0640 where root owns it, as
// a system's certificate store does.
func checkKeyFile(setting, path string) *libpq.Error {
	info, err := os.Stat(path)
	if err != nil {
		return libpq.NewError(setting, "names a file that cannot be looked at: "+libpq.WithoutPath(err).Error(), "")
	}
	forbidden := os.FileMode(0o077)
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 {
		forbidden = 0o037
	}
	if info.Mode().Perm()&forbidden != 0 {
		return libpq.NewError(setting, "names a file that others can read", "chmod 600 it, or set ssl_key to the text of the key")
	}
	return nil
}
