package objects

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"target-postgres/target/pipeline"
)

// secrets are what no message may have.
var secrets = []string{"AKIAOBJECTSTEST", "objects-secret", "objects-session", azureKey, "sig-of-the-sas"}

const azureKey = "b2JqZWN0cy1henVyZS1rZXk="

// double is a store with one way to fail at a time.
type double struct {
	url  string
	said bytes.Buffer

	mu    sync.Mutex
	files map[string]string
	// refuse answers instead of the store if it is not nil.
	refuse func(w http.ResponseWriter, r *http.Request) bool
	// cuts are the lengths after which answers break off.
	cuts []int
	// between is called after an answer has broken off.
	between  func(d *double)
	requests []*http.Request
}

// newDouble starts a store in which the environment of the test has an account.
func newDouble(t *testing.T, files map[string]string) *double {
	t.Helper()
	d := &double{files: files}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	d.url = server.URL
	for name, value := range map[string]string{
		"STORAGE_EMULATOR_HOST": server.URL, "AZURE_STORAGE_CONNECTION_STRING": "AccountName=acct;AccountKey=" + azureKey + ";BlobEndpoint=" + server.URL + "/acct",
		"AWS_ENDPOINT_URL_S3": server.URL, "AWS_ENDPOINT_URL": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_PROFILE": "",
		"AWS_ACCESS_KEY_ID": secrets[0], "AWS_SECRET_ACCESS_KEY": secrets[1], "AWS_SESSION_TOKEN": secrets[2],
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "none"),
	} {
		t.Setenv(name, value)
	}
	return d
}

// stores are those of a run that gives up after so long.
func (d *double) stores(patience time.Duration) (*Stores, *pipeline.Ending) {
	ending := pipeline.NewEnding()
	return New(pipeline.Retry{First: patience, Lost: patience}, ending, slog.New(slog.NewTextHandler(&d.said, nil))), ending
}

func (d *double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests = append(d.requests, r)
	if d.refuse != nil && d.refuse(w, r) {
		return
	}
	content, found := d.files[r.URL.Path]
	if !found {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	sum := sha256.Sum256([]byte(content))
	version := `"` + hex.EncodeToString(sum[:8]) + `"`
	if match := r.Header.Get("If-Match"); match != "" && match != version {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	generation := fmt.Sprint(sum[0], sum[1])
	if match := r.URL.Query().Get("ifGenerationMatch"); match != "" && match != strings.ReplaceAll(generation, " ", "") {
		refuse(w, http.StatusPreconditionFailed, "conditionNotMet")
		return
	}
	from := 0
	w.Header().Set("ETag", version)
	w.Header().Set("X-Goog-Generation", strings.ReplaceAll(generation, " ", ""))
	if n, _ := fmt.Sscanf(r.Header.Get("Range")+r.Header.Get("X-Ms-Range"), "bytes=%d-", &from); n == 1 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
	}
	content = content[from:]
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	if len(d.cuts) == 0 {
		_, _ = w.Write([]byte(content))
		return
	}
	_, _ = w.Write([]byte(content[:d.cuts[0]]))
	_ = http.NewResponseController(w).Flush()
	d.cuts = d.cuts[1:]
	if d.between != nil {
		d.between(d)
	}
	panic(http.ErrAbortHandler)
}

// refuse answers as S3 does.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("X-Ms-Error-Code", code)
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>no: %s</Message></Error>`, code, strings.Join(secrets, " "))
}
