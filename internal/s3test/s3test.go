// Package s3test starts an S3 server in the process of a test.
package s3test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Credentials are those that [Server.Environment] names. Nothing that the program prints may hold one.
var Credentials = [...]string{"AKIAOFTHETESTS", "secret-of-the-tests"}

// Server is a running S3 server, whose buckets are made when something is put into them.
type Server struct{ *httptest.Server }

// Start starts a server.
func Start() *Server {
	return &Server{httptest.NewServer(gofakes3.New(s3mem.New(), gofakes3.WithAutoBucket(true)).Server())}
}

// Environment is what makes the server that of every S3 client of a process.
func (s *Server) Environment() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_S3": s.URL, "AWS_ACCESS_KEY_ID": Credentials[0], "AWS_SECRET_ACCESS_KEY": Credentials[1],
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	}
}

// Put stores an object.
func (s *Server) Put(ctx context.Context, bucket, key string, content []byte) error {
	put, err := http.NewRequestWithContext(ctx, http.MethodPut, s.URL, bytes.NewReader(content))
	if err != nil {
		return err
	}
	put.URL.Path = "/" + bucket + "/" + key
	answer, err := http.DefaultClient.Do(put)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("PUT %s: %s", put.URL.Path, answer.Status)
	}
	return nil
}
