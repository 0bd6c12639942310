package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// pipeSize is the most that a process may ask for without privileges.
const pipeSize = 1 << 20

// widenPipe lets a pipe hold more than 64 kilobytes, so that the tap and the program wake each other up less often.
// Other files stay as they are, and so does a pipe that may not grow.
func widenPipe(file *os.File) {
	raw, err := file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeSize) })
}
