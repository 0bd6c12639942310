package objects

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"target-postgres/target/failure"
)

// path is where a cloud has the object of a bucket.
var path = map[string]func(bucket, key string) string{
	"s3": func(bucket, key string) string { return "/" + bucket + "/" + key },
	"gs": func(bucket, key string) string { return "/storage/v1/b/" + bucket + "/o/" + key },
	"az": func(bucket, key string) string { return "/acct/" + bucket + "/" + key },
}

// Every store takes keys as they stand, resumes, and notices a file that has changed.
func TestStoresAreAlike(t *testing.T) {
	content := strings.Repeat("0123456789", 5000)
	for scheme, at := range path {
		t.Run(scheme, func(t *testing.T) {
			d := newDouble(t, map[string]string{at("b", "k"): content, at("b", "a b/c#d?e%"): "special"})
			stores, _ := d.stores(time.Minute)
			for location, want := range map[string]string{"a b/c#d?e%": "special", "a%20b/c%23d%3Fe%25": "special", "k": content} {
				if got, err := read(stores, scheme+"://b/"+location); err != nil || got != want {
					t.Errorf("%s: %d bytes, %v", location, len(got), err)
				}
			}
			d.cuts = []int{12345}
			if got, err := read(stores, scheme+"://b/k"); err != nil || got != content {
				t.Errorf("a lost connection: %d bytes, %v", len(got), err)
			}
			d.cuts = []int{12345}
			d.between = func(d *double) { d.files[at("b", "k")] = strings.Repeat("9", len(content)) }
			_, err := read(stores, scheme+"://b/k")
			if err == nil || !strings.Contains(err.Error(), "has changed") {
				t.Errorf("a file that changes: %v", err)
			}
			_, err = read(stores, scheme+"://b/none")
			if err == nil || !strings.Contains(err.Error(), scheme+"://b/none: there is no such file") || failure.BlameOf(err) != failure.Stream {
				t.Errorf("a file that is not there: %v", err)
			}
			d.refuse = func(w http.ResponseWriter, _ *http.Request) bool {
				refuse(w, http.StatusForbidden, "Forbidden")
				return true
			}
			_, err = read(stores, scheme+"://b/k")
			if err == nil || !strings.Contains(err.Error(), "access is denied") || failure.BlameOf(err) != failure.Configuration {
				t.Errorf("a file that may not be read: %v", err)
			}
			holdsNoSecret(t, err.Error(), d.said.String())
		})
	}
}

// A signature in a URL is sent, and never printed.
func TestASignatureInAURLIsNotPrinted(t *testing.T) {
	p := parse("az://container@acct.blob.core.windows.net/a/b.parquet?sv=1&sig=sig-of-the-sas")
	if p.key != "a/b.parquet" || p.query != "sv=1&sig=sig-of-the-sas" {
		t.Errorf("key %q, query %q", p.key, p.query)
	}
	holdsNoSecret(t, p.String())
	d := newDouble(t, nil)
	silent := httptest.NewServer(http.NotFoundHandler())
	silent.Close()
	t.Setenv("HTTPS_PROXY", silent.URL)
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", "")
	stores, _ := d.stores(0)
	_, err := stores.Open("az://container@acct.blob.core.windows.net/a/b.parquet?sv=1&sig=sig-of-the-sas")
	if err == nil {
		t.Fatal("a store that is not there was opened")
	}
	holdsNoSecret(t, err.Error())
}

// That a cloud's credentials are missing is said as such.
func TestMissingCredentialsOfClouds(t *testing.T) {
	d := newDouble(t, nil)
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"STORAGE_EMULATOR_HOST": "", "GOOGLE_APPLICATION_CREDENTIALS": none, "AZURE_STORAGE_CONNECTION_STRING": "", "AZURE_STORAGE_ACCOUNT": "",
		"AZURE_STORAGE_ACCOUNT_NAME": "",
	} {
		t.Setenv(name, value)
	}
	stores, _ := d.stores(0)
	for location, words := range map[string]string{
		"gs://b/k": "no credentials for Google Cloud Storage are found", "az://b/k": "no account of Azure is named",
	} {
		if _, err := stores.Open(location); err == nil || !strings.Contains(err.Error(), words) || failure.BlameOf(err) != failure.Configuration {
			t.Errorf("%s: %v, want %q", location, err, words)
		}
	}
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", "AccountName=acct;AccountKey=sig-of-the-sas")
	if _, err := stores.Open("az://b/k"); err == nil || !strings.Contains(err.Error(), "AZURE_STORAGE_CONNECTION_STRING cannot be used") {
		t.Errorf("a key that is none: %v", err)
	} else {
		holdsNoSecret(t, err.Error())
	}
}

func TestMessagesNameAPlaceWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"s3a://AKIAEXAMPLE:secret@buck/key":              "s3a://buck/key",
		"ftp://u:secret@h/x":                             "ftp://h/x",
		"https://b/k?X-Amz-Credential=AKIA&X-Amz-Date=1": "https://b/k?…",
		"s3://buck/key?X-Amz-Signature=secret":           "s3://buck/key?…",
		"s3://buck/what?.jsonl":                          "s3://buck/what?.jsonl",
		"az://container@acct.blob.core.windows.net/a":    "az://container@acct.blob.core.windows.net/a",
		"az://u:secret@acct/a":                           "az://acct/a",
	} {
		if got := parse(location).String(); got != want {
			t.Errorf("%s is named %s, want %s", location, got, want)
		}
	}
}

// Credentials before a bucket, as Hadoop once had them, are refused, not printed and not sent.
func TestCredentialsInAURLAreRefused(t *testing.T) {
	d := newDouble(t, map[string]string{"/b/k": "x"})
	stores, _ := d.stores(time.Minute)
	for _, location := range []string{
		"s3://AKIAOBJECTSTEST:objects-secret@b/k", "s3a://objects-secret@b/k", "gs://u:objects-secret@b/k", "az://u:objects-secret@acct/k",
		"abfss://u:objects-secret@acct.blob.core.windows.net/k",
	} {
		_, err := stores.Open(location)
		if err == nil || !strings.Contains(err.Error(), "the URL has credentials before its bucket") || failure.BlameOf(err) != failure.Stream {
			t.Errorf("%s: %v", location, err)
			continue
		}
		holdsNoSecret(t, err.Error(), d.said.String())
	}
	if len(d.requests) > 0 {
		t.Errorf("%d requests had them", len(d.requests))
	}
}
