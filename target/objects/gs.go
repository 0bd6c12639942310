package objects

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"target-postgres/target/failure"
)

const (
	gsEndpoint = "https://storage.googleapis.com"
	gsScope    = "https://www.googleapis.com/auth/devstorage.read_only"
	gsRights   = "storage.objects.get (the role Storage Object Viewer) for the bucket"
)

// gsObject is an object of Google Cloud Storage.
type gsObject struct {
	client *http.Client
	url    string
}

// openGS finds the credentials, and the endpoint: that of an emulator if the environment names one, which needs no
// credentials.
func (s *Stores) openGS(ctx context.Context, at place) (object, error) {
	base := gsEndpoint
	if emulator := os.Getenv("STORAGE_EMULATOR_HOST"); emulator != "" {
		if base = strings.TrimSuffix(emulator, "/"); !strings.Contains(base, "://") {
			base = "http://" + base
		}
		if s.gs == nil {
			s.gs = &http.Client{Transport: newTransport()}
		}
	}
	if s.gs == nil {
		source, err := findGoogle(ctx)
		if err != nil {
			return nil, err
		}
		s.gs = &http.Client{Transport: &oauth2.Transport{Source: source, Base: newTransport()}}
	}
	return &gsObject{client: s.gs, url: base + "/storage/v1/b/" + url.PathEscape(at.bucket) + "/o/" + url.PathEscape(at.key) + "?alt=media"}, nil
}

// findGoogle looks for credentials once, so that their absence is told soon and as such. The library's own message may
// repeat a file's text, so none of it is told.
func findGoogle(ctx context.Context) (oauth2.TokenSource, error) {
	// The transport of tokens lives as long as the run, so it must not end with the search.
	lasting := context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, &http.Client{Transport: newTransport(), Timeout: answersWithin})
	missing := &fault{
		blame: failure.Configuration, reason: "no credentials for Google Cloud Storage are found",
		hint: "set GOOGLE_APPLICATION_CREDENTIALS, run gcloud auth application-default login, or give the machine a service account",
	}
	return within(ctx, missing, func() (oauth2.TokenSource, error) {
		found, err := google.FindDefaultCredentials(lasting, gsScope)
		if err != nil {
			return nil, missing
		}
		if _, err := found.TokenSource.Token(); err != nil {
			return nil, &fault{blame: failure.Configuration, reason: "the credentials of Google Cloud get no token", hint: missing.hint}
		}
		return found.TokenSource, nil
	})
}

func (o *gsObject) get(ctx context.Context, offset int64, version string) (*answer, error) {
	target := o.url
	generation, numbered := strings.CutPrefix(version, "generation ")
	if numbered {
		target += "&ifGenerationMatch=" + generation
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, &fault{blame: failure.Configuration, reason: "STORAGE_EMULATOR_HOST is no address", hint: "correct it"}
	}
	request.Header.Set("Accept-Encoding", "gzip") // otherwise the store decompresses what it has compressed
	if offset > 0 {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(offset, 10)+"-")
	}
	got, err := o.client.Do(request)
	if err != nil {
		return nil, err
	}
	if got.StatusCode >= http.StatusMultipleChoices {
		got.Body.Close()
		return nil, ofStatus(got.StatusCode, "", gsRights)
	}
	if offset > 0 && got.StatusCode != http.StatusPartialContent {
		got.Body.Close()
		return nil, noParts()
	}
	a := &answer{body: got.Body, size: -1, version: got.Header.Get("ETag")}
	if generation := got.Header.Get("X-Goog-Generation"); generation != "" {
		a.version = "generation " + generation
	}
	if got.ContentLength >= 0 {
		a.size = offset + got.ContentLength
	}
	return a, nil
}
