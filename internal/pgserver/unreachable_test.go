package pgserver

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAFailedDownloadSaysWhyItsHostCannotBeReached(t *testing.T) {
	t.Parallel()
	failed := errors.New("unable to connect to the repository")
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	if got := withCause(t.Context(), failed, "http://"+closed.Addr().String()); !errors.Is(got, failed) ||
		!strings.Contains(got.Error(), "unable to connect to the repository: dial tcp "+closed.Addr().String()) {
		t.Errorf("a closed port: %v", got)
	}
	open := httptest.NewServer(http.NotFoundHandler())
	defer open.Close()
	if got := withCause(t.Context(), failed, open.URL); got.Error() != failed.Error() {
		t.Errorf("a host that answers: %v", got)
	}
}
