package faults

import (
	"os"
	"syscall"
	"unsafe"
)

// pending is the number of bytes in a pipe that have not been read yet.
func pending(pipe *os.File) int {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return 0
	}
	var n int32
	_ = raw.Control(func(fd uintptr) {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCINQ, uintptr(unsafe.Pointer(&n))); errno != 0 {
			n = 0
		}
	})
	return int(n)
}

// starve lets a process have no more memory than it has.
func starve(pid int) error {
	none := syscall.Rlimit{}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_DATA, uintptr(unsafe.Pointer(&none)), 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
