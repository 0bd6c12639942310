package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// repository is where the library fetches releases.
const repository = "https://repo1.maven.org/maven2"

// causeWithin bounds the request that finds out why a download failed.
const causeWithin = 5 * time.Second

// withoutDownload says how to get a server in another way.
const withoutDownload = `Do one of these:
- Install PostgreSQL's server package, or set PGBIN to the directory of its initdb, pg_ctl and postgres.
- Use a server that exists: give a host instead of --embedded. For tests, set TEST_POSTGRES_DSN.
- Behind a proxy, set HTTPS_PROXY to its URL.`

// withCause adds to the error of a download why its host cannot be reached, if that is so: the library's own error
// names the host and drops the cause.
func withCause(ctx context.Context, err error, host string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), causeWithin)
	defer cancel()
	request, bad := http.NewRequestWithContext(ctx, http.MethodHead, host, http.NoBody)
	if bad != nil {
		return err
	}
	response, unreachable := http.DefaultClient.Do(request)
	if unreachable == nil {
		_ = response.Body.Close()
		return err
	}
	if inner, ok := errors.AsType[*url.Error](unreachable); ok { // its own text repeats the host
		unreachable = inner.Err
	}
	return fmt.Errorf("%w: %w", err, unreachable)
}
