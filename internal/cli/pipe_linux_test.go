package cli

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAPipeIsWidened(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	widenPipe(read)
	size, err := unix.FcntlInt(write.Fd(), unix.F_GETPIPE_SZ, 0)
	if err != nil || size != pipeSize {
		t.Errorf("the pipe holds %d bytes (%v), want %d", size, err, pipeSize)
	}
}

func TestWhatIsNoPipeIsLeftAlone(t *testing.T) {
	t.Parallel()
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	widenPipe(file)
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	widenPipe(file) // closed
}
