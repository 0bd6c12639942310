package tunnel

import (
	"testing"

	"target-postgres/internal/netfault"
)

// newLine is a network between client and bastion that can fall silent, as a firewall that forgot a connection does.
func newLine(t *testing.T, to string) *netfault.Relay {
	t.Helper()
	l, err := netfault.Listen(to, netfault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}
