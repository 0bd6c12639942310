package objects

import (
	"net"
	"net/http"
	"time"
)

// newTransport is what requests to the stores go through that have no transport of their own. It decompresses nothing:
// a file is what the store has.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: answersWithin}).DialContext, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: answersWithin, DisableCompression: true, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute,
	}
}
