//go:build unix

package connect

import (
	"os"
	"syscall"
)

// checkKeyFile refuses a key file that others can read, by libpq's rule: 0600 or
// less, and 0640 where root owns it, as a system's certificate store does.
func checkKeyFile(setting, path string) *Error {
	info, err := os.Stat(path)
	if err != nil {
		return configError(setting, "names a file that cannot be looked at: "+plainCause(err).Error(), "")
	}
	forbidden := os.FileMode(0o077)
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 {
		forbidden = 0o037
	}
	if info.Mode().Perm()&forbidden != 0 {
		return configError(setting, "names a file that others can read", "chmod 600 it, or set ssl_key to the text of the key")
	}
	return nil
}
