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
	unable := func(url string) error { return errors.New("unable to connect to " + url) }
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	failed := unable("http://" + closed.Addr().String())
	if got := withCause(t.Context(), failed); !errors.Is(got, failed) || !strings.Contains(got.Error(), failed.Error()+": dial tcp "+closed.Addr().String()) {
		t.Errorf("a closed port: %v", got)
	}
	open := httptest.NewServer(http.NotFoundHandler())
	defer open.Close()
	if got, want := withCause(t.Context(), unable(open.URL)), unable(open.URL); got.Error() != want.Error() {
		t.Errorf("a host that answers: %v", got)
	}
}
