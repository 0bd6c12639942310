package batchfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/objects"
	"target-postgres/target/pipeline"
)

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstandard(t *testing.T, text string, options ...zstd.EOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, options...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// load reads one file with a content.
func load(t *testing.T, content []byte, format, compression string) ([]string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var rows []string
	stores := objects.New(pipeline.Retry{Lost: time.Second}, pipeline.NewEnding(), slog.New(slog.DiscardHandler))
	m := &protocol.Message{Line: 7, Batch: &protocol.Batch{Format: format, Compression: compression, Manifest: []string{path}}}
	err := Read(stores, m, "s", nil, func(record []byte) error {
		rows = append(rows, string(record))
		return nil
	})
	return rows, err
}

// What a file begins with decides how it is read; what its message says must not be contradicted by a plain file.
func TestFilesAreUnpackedByTheirContent(t *testing.T) {
	text := "{\"a\":1}\r\n\n {\"a\":2} \n{\"a\":3}"
	want := []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}
	packed := map[string][]byte{
		"plain": []byte(text), "gzip": gzipped(t, text), "gzip of two members": append(gzipped(t, text[:20]), gzipped(t, text[20:])...),
		"zstd": zstandard(t, text), "zstd of two frames": append(zstandard(t, text[:20]), zstandard(t, text[20:])...),
		"zstd after a frame to skip": append([]byte("\x50\x2a\x4d\x18\x02\x00\x00\x00ab"), zstandard(t, text)...),
	}
	for name, content := range packed {
		for _, said := range []string{"", "gzip", "zstd", "GZIP"} {
			rows, err := load(t, content, "jsonl", said)
			switch {
			case name == "plain" && said != "":
				if err == nil || !strings.Contains(err.Error(), "is not "+strings.ToLower(said)) {
					t.Errorf("%s, said to be %q: %v", name, said, err)
				}
			case err != nil || !slices.Equal(rows, want):
				t.Errorf("%s, said to be %q: %q, %v", name, said, rows, err)
			}
		}
	}
}

func TestEmptyFilesHaveNoRecords(t *testing.T) {
	for name, content := range map[string][]byte{"plain": nil, "blank": []byte("\n\r\n  "), "gzip": gzipped(t, ""), "zstd": zstandard(t, "", zstd.WithZeroFrames(true))} {
		if rows, err := load(t, content, "jsonl", ""); err != nil || len(rows) > 0 {
			t.Errorf("%s: %q, %v", name, rows, err)
		}
	}
	if _, err := load(t, nil, "jsonl", "gzip"); err == nil {
		t.Error("a file of no bytes is taken for gzip")
	}
}

// A file that has to be read here and there is kept aside if it is large, in a file that has no name.
func TestLargeFilesAreKeptAside(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	text := make([]byte, inMemory+12345)
	for i := range text {
		text[i] = byte(i * i >> 8)
	}
	for name, content := range map[string][]byte{"gzip": gzipped(t, string(text)), "plain": text, "small": gzipped(t, "abc")} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := objects.New(pipeline.Retry{}, pipeline.NewEnding(), slog.New(slog.DiscardHandler)).Open(path)
		if err != nil {
			t.Fatal(err)
		}
		all, err := whole(file)
		if err != nil {
			t.Fatal(err)
		}
		want := text
		if name == "small" {
			want = []byte("abc")
		}
		got := make([]byte, all.size)
		if _, err := all.ReadAt(got, 0); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(want), err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: %v is in the directory for temporary files (%v)", name, left, err)
		}
		_ = all.Close()
		_ = file.Close()
	}
}

func TestParquetIsReadAsItSays(t *testing.T) {
	content, err := os.ReadFile("../../testdata/scenarios/batch-files-in-parquet/files/all types.parquet")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"as it is": content, "in gzip": gzipped(t, string(content)), "in zstd": zstandard(t, string(content))} {
		for _, said := range []string{"", "gzip", "snappy"} {
			if rows, err := load(t, file, "parquet", said); err != nil || len(rows) != 2 || !strings.HasPrefix(rows[1], `{"id":2,"price":null,`) {
				t.Errorf("%s, said to be %q: %q, %v", name, said, rows, err)
			}
		}
	}
	_, err = load(t, content[:len(content)-1], "parquet", "")
	if e := failureOf(t, err); e.Blame != failure.Stream || e.Line != 7 || !strings.Contains(err.Error(), "cannot be read as Parquet: it is cut off") {
		t.Errorf("cut off: %v", err)
	}
}

// A file that is cut off or damaged is the file's fault, and its records before that are taken.
func TestDamagedFiles(t *testing.T) {
	text := strings.Repeat(`{"a":"`+strings.Repeat("x", 100)+`"}`+"\n", 20000)
	for name, whole := range map[string][]byte{"gzip": gzipped(t, text), "zstd": zstandard(t, text)} {
		_, err := load(t, whole[:len(whole)-9], "jsonl", name)
		e := failureOf(t, err)
		if e.Blame != failure.Stream || e.Line != 7 || e.Stream != "s" || !strings.Contains(err.Error(), "cannot be read to its end: it is cut off") {
			t.Errorf("%s cut off: %v", name, err)
		}
		damaged := slices.Clone(whole)
		damaged[len(damaged)-3] ^= 0x55
		if _, err = load(t, damaged, "jsonl", name); err == nil || !strings.Contains(err.Error(), "is damaged") {
			t.Errorf("%s damaged: %v", name, err)
		}
	}
}

func failureOf(t *testing.T, err error) *failure.Error {
	t.Helper()
	e, ok := err.(*failure.Error)
	if !ok {
		t.Fatalf("%v is no *failure.Error", err)
	}
	return e
}

func TestAFileThatCannotBeOpenedNamesTheLineOfItsMessage(t *testing.T) {
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	for name, value := range map[string]string{"AWS_ENDPOINT_URL_S3": away.URL, "AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"} {
		t.Setenv(name, value)
	}
	stores := objects.New(pipeline.Retry{}, pipeline.NewEnding(), slog.New(slog.DiscardHandler))
	for location, want := range map[string]string{filepath.Join(t.TempDir(), "none"): "run both on one machine", "s3://b/k": "connection refused"} {
		m := &protocol.Message{Line: 7, Batch: &protocol.Batch{Format: "jsonl", Manifest: []string{location}}}
		err := Read(stores, m, "s", nil, nil)
		if e, ok := errors.AsType[*failure.Error](err); !ok || e.Line != 7 || e.Stream != "s" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", location, err)
		}
	}
}

func TestWhatIsNotSupportedIsNamed(t *testing.T) {
	if _, err := load(t, nil, "csv", ""); err == nil || !strings.Contains(err.Error(), `BATCH format "csv" is not supported`) {
		t.Errorf("a format: %v", err)
	}
	if _, err := load(t, nil, "jsonl", "lzma"); err == nil || !strings.Contains(err.Error(), `BATCH compression "lzma" is not supported`) {
		t.Errorf("a compression: %v", err)
	}
}

// A batch may fail for a record that was read long before. The error names the file of that one.
func TestAnErrorNamesTheFileOfTheRecordThatItIsAbout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	for name, content := range map[string]string{"a": "{}\n\n{}\n{}\n", "b": "{}\n{}\n"} {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(files)
	stores := objects.New(pipeline.Retry{Lost: time.Second}, pipeline.NewEnding(), slog.New(slog.DiscardHandler))
	m := &protocol.Message{Line: 7, Batch: &protocol.Batch{Format: "jsonl", Manifest: files}}
	for _, test := range []struct {
		about failure.Error
		want  string
	}{
		{failure.Error{Line: 7, Record: 5, Reason: "bad"}, files[1] + ", line 2: "},
		{failure.Error{Line: 7, Reason: "bad"}, files[1] + ", line 2: "},
		{failure.Error{Line: 7, Record: 4, Reason: "bad"}, files[1] + ", record 1: "},
		{failure.Error{Line: 7, Record: 3, Reason: "bad"}, files[0] + ", record 3: "},
		{failure.Error{Line: 3, Record: 4, Reason: "bad"}, "input line 3, record 4"},
		{failure.Error{Blame: failure.Connection, Reason: "no server"}, `stream "s": no server`},
	} {
		taken := 0
		err := Read(stores, m, "s", nil, func([]byte) error {
			if taken++; taken == 5 {
				return &test.about
			}
			return nil
		})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("the error is %q, want it to begin with %q", err, test.want)
		}
	}
}
