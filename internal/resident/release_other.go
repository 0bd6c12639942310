//go:build !linux

package resident

// Release does nothing here.
func Release() {}
