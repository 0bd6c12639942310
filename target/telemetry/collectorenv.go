package telemetry

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// environment has the variables of one signal: its own one wins over that for all.
type environment struct {
	getenv func(string) string
	signal string
}

// get returns a variable and its name.
func (e environment) get(name string) (variable, value string) {
	return first(e.getenv, prefix+e.signal+"_"+name, prefix+name)
}

// defaultTimeout is that of the specification.
const defaultTimeout = 10 * time.Second

// newCollector reads from the variables where a signal is sent to, and how. Variables that cannot be read are faults,
// and the signal is sent without them if that is safe. path is that of the signal.
func newCollector(e environment, path string, f *faults) *collector {
	fault := f.ignored
	c := &collector{client: &http.Client{Timeout: e.timeout(fault), CheckRedirect: stay}, headers: e.headers(fault), faults: f, pause: 2 * time.Second}
	if c.url = strings.TrimSpace(e.getenv(prefix + e.signal + "_ENDPOINT")); c.url == "" {
		c.url = below(strings.TrimSpace(e.getenv(prefix+"ENDPOINT")), path)
	}
	if name, value := e.get("COMPRESSION"); value == "gzip" {
		c.gzip = true
	} else if value != "" && value != "none" {
		fault(name + " is neither gzip nor none")
	}
	c.client.Transport = e.transport(fault)
	return c
}

// below appends a path to that of a URL, whose query stays behind it.
func below(base, path string) string {
	base, query, found := strings.Cut(base, "?")
	base = strings.TrimRight(base, "/") + path
	if found {
		base += "?" + query
	}
	return base
}

// stay follows no redirect: the headers are for the collector alone.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (e environment) timeout(fault func(string)) time.Duration {
	name, value := e.get("TIMEOUT")
	if value == "" {
		return defaultTimeout
	}
	milliseconds, err := strconv.Atoi(value)
	if err != nil || milliseconds <= 0 {
		fault(name + " is not a number of milliseconds")
		return defaultTimeout
	}
	return time.Duration(milliseconds) * time.Millisecond
}

// headers are name=value, with commas between, the values percent-encoded. The headers of one signal are added to those
// of all.
func (e environment) headers(fault func(string)) map[string]string {
	all := map[string]string{}
	for _, variable := range []string{prefix + "HEADERS", prefix + e.signal + "_HEADERS"} {
		for pair := range strings.SplitSeq(e.getenv(variable), ",") {
			if strings.TrimSpace(pair) == "" {
				continue
			}
			name, value, found := strings.Cut(pair, "=")
			value, err := url.PathUnescape(strings.TrimSpace(value))
			if name = strings.TrimSpace(name); !found || err != nil || !validHeader(name, value) {
				fault(variable + " is not a list of name=value")
				continue
			}
			all[name] = value
		}
	}
	return all
}

// validHeader reports whether HTTP can send a header.
func validHeader(name, value string) bool {
	const others = "!#$%&'*+-.^_`|~"
	letter := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune(others, r)
	}
	return name != "" && strings.IndexFunc(name, func(r rune) bool { return !letter(r) }) < 0 &&
		strings.IndexFunc(value, func(r rune) bool { return (r < ' ' && r != '\t') || r == 0x7f }) < 0
}

// transport uses the proxy of the environment, and the certificates that the variables name.
func (e environment) transport(fault func(string)) http.RoundTripper {
	transport, is := http.DefaultTransport.(*http.Transport)
	if !is {
		return http.DefaultTransport
	}
	transport = transport.Clone()
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if name, file := e.get("CERTIFICATE"); file != "" {
		config.RootCAs = x509.NewCertPool() // without a usable file no collector is trusted
		if data, err := os.ReadFile(file); err != nil || !config.RootCAs.AppendCertsFromPEM(data) {
			fault(name + " is not a file of certificates")
		}
	}
	certificate, file := e.get("CLIENT_CERTIFICATE")
	if _, key := e.get("CLIENT_KEY"); file != "" && key != "" {
		pair, err := tls.LoadX509KeyPair(file, key)
		if err != nil {
			fault(certificate + " and the key of it cannot be read")
		} else {
			config.Certificates = []tls.Certificate{pair}
		}
	}
	transport.TLSClientConfig = config
	return transport
}
