package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"target-postgres/target/failure"
	"target-postgres/target/pipeline"
)

// Stores opens files, and keeps the clients of the stores for the next one. It is for one goroutine.
type Stores struct {
	retry  pipeline.Retry
	ending *pipeline.Ending
	log    *slog.Logger

	// s3 has a client for every bucket, since buckets have regions of their own.
	s3 map[string]*s3.Client
	gs *http.Client
	// azure has a client for every account and signature.
	azure map[string]*azblob.Client
	// reached says which stores have answered.
	reached map[string]bool
}

// New makes the stores of a run. A store is asked until it answers for the first time, and a file is resumed, for as
// long as retry says.
func New(retry pipeline.Retry, ending *pipeline.Ending, log *slog.Logger) *Stores {
	return &Stores{retry: retry, ending: ending, log: log, s3: map[string]*s3.Client{}, azure: map[string]*azblob.Client{}, reached: map[string]bool{}}
}

// File is a file that is open.
type File struct {
	io.ReadCloser

	// Name is the file as messages name it.
	Name string
	// Local is the file if it is on the local disk, else nil.
	Local *os.File

	failed error
}

// Read reads on, and remembers what keeps it from that.
func (f *File) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		f.failed = err
	}
	return n, err
}

// Fault is the error of a file that could be opened and not be read to its end, nil if reading it has not failed.
func (f *File) Fault() error {
	if f.failed == nil {
		return nil
	}
	return explain("BATCH file "+f.Name+" cannot be read to its end", "", f.failed)
}

// Open opens the file at a location: a URL, or a path on the local disk. The key is taken as it is written, and with
// its %XX decoded if there is no such file. The error is a *failure.Error, or [pipeline.ErrStopped].
func (s *Stores) Open(location string) (*File, error) {
	at := parse(location)
	file, err := s.open(at)
	if decoded, differs := at.unescaped(); differs && isMissing(err) {
		if other, failed := s.open(decoded); failed == nil {
			return other, nil
		}
	}
	if err == nil {
		return file, nil
	}
	return nil, explain("BATCH file cannot be opened", at.String(), err)
}

func (s *Stores) open(at place) (*File, error) {
	switch at.scheme {
	case "file":
		file, err := os.Open(at.key)
		if err != nil {
			return nil, err
		}
		return &File{ReadCloser: file, Name: at.String(), Local: file}, nil
	case "s3", "s3a":
		return s.remote(at, s.openS3)
	case "gs", "gcs":
		return s.remote(at, s.openGS)
	case "az", "abfs", "abfss":
		return s.remote(at, s.openAzure)
	}
	return nil, &fault{
		blame: failure.Stream, reason: at.scheme + ":// is not supported", hint: "configure the tap's batch_config for " + strings.Join(schemes(), ", "),
	}
}

// schemes are those of the URLs that can be opened.
func schemes() []string { return []string{"file://", "s3://", "gs://", "az://"} }

// remote opens an object.
func (s *Stores) remote(at place, find func(ctx context.Context, at place) (object, error)) (*File, error) {
	if at.bucket == "" || at.key == "" {
		return nil, &fault{blame: failure.Stream, reason: "the URL lacks " + lacks(at), hint: "it has the form " + at.scheme + "://BUCKET/KEY"}
	}
	if at.hasCredentials() {
		return nil, &fault{
			blame: failure.Stream, reason: "the URL has credentials before its bucket, which are not read", hint: "let the tap leave them out, and give them in the environment",
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-s.ending.Asked():
			cancel()
		case <-ctx.Done():
		}
	}()
	found, err := find(ctx, at)
	if err != nil {
		cancel()
		return nil, err
	}
	r := &reader{ctx: ctx, cancel: cancel, object: found, patience: s.retry.First, stalled: stalledAfter, tell: func(offset int64, f *fault) {
		s.log.Warn("reading a BATCH file was interrupted: resuming over a new connection", "file", at.String(), "offset", offset, "reason", f.reason)
	}}
	if s.reached[at.scheme] {
		r.patience = s.retry.Lost
	}
	if err := r.open(); err != nil {
		_ = r.Close()
		return nil, err
	}
	s.reached[at.scheme], r.patience = true, s.retry.Lost
	return &File{ReadCloser: r, Name: at.String()}, nil
}

// within bounds a search for credentials that cannot be ended itself.
func within[T any](ctx context.Context, late error, search func() (T, error)) (T, error) {
	type result struct {
		found T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		found, err := search()
		done <- result{found, err}
	}()
	timer := time.NewTimer(credentialsWithin)
	defer timer.Stop()
	var none T
	select {
	case r := <-done:
		return r.found, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-timer.C:
		return none, late
	}
}

func lacks(at place) string {
	if at.bucket == "" {
		return "a bucket"
	}
	return "a key"
}

func isMissing(err error) bool {
	f, ok := errors.AsType[*fault](err)
	return ok && f.missing || errors.Is(err, os.ErrNotExist)
}

// OfFile reports whether an error is about a file or its store, rather than about the use of what was read.
func OfFile(err error) bool {
	_, ok := errors.AsType[*fault](err)
	return ok
}

// explain makes of a fault what a user reads. The name stands behind what failed, unless that has it.
func explain(what, name string, err error) error {
	if errors.Is(err, context.Canceled) {
		return pipeline.ErrStopped
	}
	if path, ok := errors.AsType[*os.PathError](err); ok {
		err = path.Err
	}
	e := &failure.Error{Blame: failure.Stream, Reason: what}
	if f, ok := errors.AsType[*fault](err); ok {
		e.Blame, e.Hint = f.blame, f.hint
	} else if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		e.Hint = "the target opens the files of the tap: run both on one machine and as one user, or let the tap write to s3://, gs:// or az://"
	}
	if name != "" {
		err = fmt.Errorf("%s: %w", name, err)
	}
	e.Err = err
	return e
}
