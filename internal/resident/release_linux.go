package resident

import (
	"bufio"
	"bytes"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// pages are pages of the program's file in memory.
type pages struct{ from, to uintptr }

// own finds the pages of the program's file, none where the system does not say.
func own() (all []pages) {
	file, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return nil
	}
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		var p pages
		var rights, offset, device, inode, name string
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s %s %s %s %s", &p.from, &p.to, &rights, &offset, &device, &inode, &name); n < 7 {
			continue
		}
		// Pages that may be written have changed since they were read.
		if name == file && (rights == "r-xp" || rights == "r--p") {
			all = append(all, p)
		}
	}
	return all
}

// release gives pages back. The system reads those again that are needed, from its cache. Where it refuses, nothing
// changes.
func release(all []pages) {
	for _, p := range all {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, p.from, p.to-p.from, unix.MADV_DONTNEED)
	}
}
