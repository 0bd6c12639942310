//go:build !linux

package cli

import "os"

// widenPipe is for Linux: elsewhere a pipe's size is the system's affair.
func widenPipe(*os.File) {}
