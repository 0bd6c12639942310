package objects

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"target-postgres/target/failure"
	"target-postgres/target/pipeline"
)

// read opens a file and reads it to its end.
func read(s *Stores, location string) (string, error) {
	file, err := s.Open(location)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		err = file.Fault()
	}
	return string(text), err
}

// holdsNoSecret fails the test if a text has one.
func holdsNoSecret(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%q holds %q", text, secret)
			}
		}
	}
}

// A key is taken as it stands, and decoded if there is no such file.
func TestKeysAreTakenAsTheyStand(t *testing.T) {
	d := newDouble(t, map[string]string{
		"/my.bucket/a b/c#d?e.jsonl": "special", "/my.bucket/p%20q": "percent", "/my.bucket/p q": "space", "/my.bucket/f=1/x+y": "plus", "/my.bucket/none": "",
	})
	stores, _ := d.stores(time.Minute)
	for location, want := range map[string]string{
		"s3://my.bucket/a b/c#d?e.jsonl": "special", "s3://my.bucket/a%20b/c%23d%3Fe.jsonl": "special", "s3a://my.bucket/p%20q": "percent",
		"S3://my.bucket/p q": "space", "s3://my.bucket/f=1/x+y": "plus", "s3://my.bucket/none": "",
	} {
		if got, err := read(stores, location); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", location, got, err, want)
		}
	}
}

func TestPathsOfTheLocalDisk(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"plain", "a b#c?d", "p%20q"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stores, _ := new(double).stores(0)
	for location, want := range map[string]string{
		dir + "/plain": "plain", "file://" + dir + "/plain": "plain", "file://localhost" + dir + "/plain": "plain",
		"file://" + dir + "/a b#c?d": "a b#c?d", "file://" + dir + "/a%20b%23c%3Fd": "a b#c?d", "file://" + dir + "/p%20q": "p%20q",
	} {
		if got, err := read(stores, location); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", location, got, err, want)
		}
	}
	if _, err := stores.Open("file://" + dir + "/none"); err == nil || !strings.Contains(err.Error(), "/none: no such file") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// A connection that is lost in the middle is made again for the rest.
func TestReadingGoesOnWhereAConnectionWasLost(t *testing.T) {
	content := strings.Repeat("0123456789", 10000)
	d := newDouble(t, map[string]string{"/b/k": content})
	d.cuts = []int{70001, 0, 1}
	stores, _ := d.stores(time.Minute)
	got, err := read(stores, "s3://b/k")
	if err != nil || got != content {
		t.Fatalf("%d bytes of %d, %v", len(got), len(content), err)
	}
	if n := len(d.requests); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
	if n := strings.Count(d.said.String(), "resuming over a new connection"); n != 2 { // the second of three losses brought nothing: it is the first's
		t.Errorf("the log speaks of %d losses, want 2:\n%s", n, d.said.String())
	}
	holdsNoSecret(t, d.said.String())
}

// The rest of another file is not the rest of this one.
func TestAFileThatChangesMeanwhileIsAnError(t *testing.T) {
	for name, other := range map[string]string{"same size": "9876543210", "shorter": "98", "longer": "98765432109"} {
		t.Run(name, func(t *testing.T) {
			d := newDouble(t, map[string]string{"/b/k": "0123456789"})
			d.cuts = []int{5}
			d.between = func(d *double) { d.files["/b/k"] = other }
			stores, _ := d.stores(time.Minute)
			_, err := read(stores, "s3://b/k")
			if err == nil || !strings.Contains(err.Error(), "has changed") || failure.BlameOf(err) != failure.Stream {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What a store refuses says what to do, and nothing of who asked.
func TestRefusalsSayWhatToDo(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		blame  failure.Blame
		words  string
	}{
		{404, "NoSuchKey", failure.Stream, "there is no such file"},
		{404, "NoSuchBucket", failure.Stream, `there is no bucket "b"`},
		{403, "AccessDenied", failure.Configuration, "access is denied (AccessDenied, HTTP 403) (give the credentials of the environment s3:GetObject"},
		{403, "InvalidAccessKeyId", failure.Configuration, "the credentials are refused"},
		{403, "SignatureDoesNotMatch", failure.Configuration, "the credentials are refused"},
		{400, "ExpiredToken", failure.Configuration, "the credentials are refused"},
		{403, "RequestTimeTooSkewed", failure.Configuration, "the clock"},
		{403, "InvalidObjectState", failure.Configuration, "archived"},
		{301, "PermanentRedirect", failure.Configuration, "another region (PermanentRedirect) (set AWS_REGION"},
		{503, "SlowDown", failure.Connection, "does not serve it now"},
		{500, "InternalError", failure.Connection, "does not serve it now"},
		{418, "Teapot", failure.Configuration, "refuses the request (Teapot, HTTP 418)"},
	} {
		t.Run(c.code, func(t *testing.T) {
			d := newDouble(t, nil)
			d.refuse = func(w http.ResponseWriter, _ *http.Request) bool {
				refuse(w, c.status, c.code)
				return true
			}
			stores, _ := d.stores(0)
			_, err := read(stores, "s3://b/k")
			if err == nil || !strings.Contains(err.Error(), "BATCH file cannot be opened: s3://b/k: ") || !strings.Contains(err.Error(), c.words) {
				t.Fatalf("got %v, want words %q", err, c.words)
			}
			if blame := failure.BlameOf(err); blame != c.blame {
				t.Errorf("blame %d, want %d", blame, c.blame)
			}
			holdsNoSecret(t, err.Error(), d.said.String())
		})
	}
}

// A store that is busy is asked again.
func TestABusyStoreIsAskedAgain(t *testing.T) {
	d := newDouble(t, map[string]string{"/b/k": "x"})
	left := 2
	d.refuse = func(w http.ResponseWriter, _ *http.Request) bool {
		if left--; left >= 0 {
			refuse(w, http.StatusServiceUnavailable, "SlowDown")
		}
		return left >= 0
	}
	stores, _ := d.stores(time.Minute)
	if got, err := read(stores, "s3://b/k"); err != nil || got != "x" {
		t.Errorf("%q, %v", got, err)
	}
}

// S3 says in which region a bucket is.
func TestABucketInAnotherRegionIsFound(t *testing.T) {
	d := newDouble(t, map[string]string{"/b/k": "x", "/b/l": "y"})
	d.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		right := strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/s3/")
		if !right {
			w.Header().Set("X-Amz-Bucket-Region", "eu-central-1")
			refuse(w, http.StatusMovedPermanently, "PermanentRedirect")
		}
		return !right
	}
	stores, _ := d.stores(time.Minute)
	for location, want := range map[string]string{"s3://b/k": "x", "s3://b/l": "y"} {
		if got, err := read(stores, location); err != nil || got != want {
			t.Errorf("%s: %q, %v", location, got, err)
		}
	}
	if len(d.requests) != 3 {
		t.Errorf("%d requests, want 3: the region is found once", len(d.requests))
	}
}

// That there are no credentials is said at once, though the last link of the chain asks an address that does not
// answer.
func TestMissingCredentialsAreToldSoon(t *testing.T) {
	newDouble(t, nil)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	defer silent.CloseClientConnections()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": silent.URL,
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
	} {
		t.Setenv(name, value)
	}
	stores, _ := new(double).stores(time.Minute)
	began := time.Now()
	_, err := stores.Open("s3://b/k")
	if err == nil || !strings.Contains(err.Error(), "no credentials for S3 are found") || failure.BlameOf(err) != failure.Configuration {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 2*credentialsWithin {
		t.Errorf("that took %v", took)
	}
}

func TestAProfileThatDoesNotExistIsNamed(t *testing.T) {
	d := newDouble(t, nil)
	t.Setenv("AWS_PROFILE", "nightly")
	stores, _ := d.stores(time.Minute)
	_, err := stores.Open("s3://b/k")
	if err == nil || !strings.Contains(err.Error(), `profile "nightly" does not exist`) {
		t.Errorf("got %v", err)
	}
}

// A signal ends every wait.
func TestASignalEndsTheWaitForAStore(t *testing.T) {
	for _, sends := range []string{"nothing", "a part"} {
		t.Run(sends, func(t *testing.T) {
			d := newDouble(t, map[string]string{"/b/k": "0123456789"})
			waits := make(chan struct{})
			d.refuse = func(w http.ResponseWriter, r *http.Request) bool {
				if sends != "nothing" {
					w.Header().Set("Content-Length", "10")
					_, _ = io.WriteString(w, "01234")
					_ = http.NewResponseController(w).Flush()
				}
				close(waits)
				<-r.Context().Done()
				return true
			}
			stores, ending := d.stores(time.Minute)
			go func() {
				<-waits
				ending.Stop()
			}()
			if _, err := read(stores, "s3://b/k"); !errors.Is(err, pipeline.ErrStopped) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A connection that brings nothing for long is given up, and another one asked for the rest.
func TestAStalledConnectionIsGivenUp(t *testing.T) {
	d := newDouble(t, map[string]string{"/b/k": "0123456789"})
	first := true
	d.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		stalls := first
		if first = false; stalls {
			w.Header().Set("Content-Length", "10")
			w.Header().Set("ETag", `"84d89877f0d4041e"`)
			_, _ = io.WriteString(w, "01234")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
		return stalls
	}
	stores, _ := d.stores(time.Minute)
	file, err := stores.Open("s3://b/k")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.ReadCloser.(*reader).stalled = 50 * time.Millisecond
	got, err := io.ReadAll(file)
	if err != nil || string(got) != "0123456789" {
		t.Errorf("%q, %v", got, err)
	}
	if !strings.Contains(d.said.String(), "sent nothing") {
		t.Errorf("the log does not say why:\n%s", d.said.String())
	}
}

func TestLocationsThatNameNoFile(t *testing.T) {
	stores, _ := newDouble(t, nil).stores(0)
	for location, words := range map[string]string{
		"s3://bucket": "lacks a key", "s3:///key": "lacks a bucket", "ftp://host/file": "ftp:// is not supported",
	} {
		if _, err := stores.Open(location); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", location, err, words)
		}
	}
}

// A store that does not listen is named, and given up.
func TestNobodyListens(t *testing.T) {
	d := newDouble(t, nil)
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
	stores, _ := d.stores(0)
	_, err := stores.Open("s3://b/k")
	if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(server.URL, "http://")+": connect: connection refused") || !failure.Transient(err) {
		t.Errorf("got %v", err)
	}
	holdsNoSecret(t, err.Error())
}

// What arrives with another checksum than S3 has for it is not taken for the file, though its length is right.
func TestAFileWithAnotherChecksumIsRefused(t *testing.T) {
	d := newDouble(t, map[string]string{"/b/k": "0123456789"})
	d.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Range") == "" {
			w.Header().Set("X-Amz-Checksum-Crc32", "AAAAAA==")
		}
		return false
	}
	stores, _ := d.stores(time.Minute)
	_, err := read(stores, "s3://b/k")
	if err == nil || !strings.Contains(err.Error(), "its content is not what the store has: the checksums differ") || !failure.Transient(err) {
		t.Errorf("got %v", err)
	}
	if len(d.requests) != 1 {
		t.Errorf("%d requests, want 1", len(d.requests))
	}
}

// plainText is the address of a server that answers everything by a page, as servers do that know HTTP alone.
func plainText(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1024))
			_, _ = io.WriteString(conn, "<!DOCTYPE HTML><html><body>Bad request syntax</body></html>")
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

// An endpoint that cannot be one is the configuration's fault, and told at once.
func TestAnEndpointThatIsNoneIsToldAtOnce(t *testing.T) {
	d := newDouble(t, map[string]string{"/b/k": "x"})
	for endpoint, words := range map[string]string{
		strings.TrimPrefix(d.url, "http://"):              "the endpoint of S3 is not an http:// or https:// URL",
		"localhost":                                       "the endpoint of S3 is not an http:// or https:// URL",
		"http://%zzobjects-secret":                        "the endpoint of S3 is not an http:// or https:// URL",
		"https://" + strings.TrimPrefix(d.url, "http://"): "the store speaks HTTP without TLS",
		"https://" + plainText(t):                         "the store speaks HTTP without TLS",
	} {
		t.Setenv("AWS_ENDPOINT_URL_S3", endpoint)
		stores, _ := d.stores(time.Minute)
		began := time.Now()
		_, err := stores.Open("s3://b/k")
		if err == nil || !strings.Contains(err.Error(), words) || failure.BlameOf(err) != failure.Configuration {
			t.Errorf("%s: %v", endpoint, err)
			continue
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: that took %v", endpoint, took)
		}
		holdsNoSecret(t, err.Error())
	}
}
