package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"
)

// repository finds in the library's error where it fetches releases.
var repository = regexp.MustCompile(`https?://[^\s"]+`)

// causeWithin bounds the request that finds out why a download failed.
const causeWithin = 5 * time.Second

// withoutDownload says how to get a server in another way.
const withoutDownload = `Do one of these:
- Install PostgreSQL's server package, or set PGBIN to the directory of its initdb, pg_ctl and postgres.
- Use a server that exists: give a host instead of --embedded. For tests, set TEST_POSTGRES_DSN.
- Behind a proxy, set HTTPS_PROXY to its URL.`

// withCause adds to the error of a download why its host cannot be reached, if that is so: the library's own error
// names the host and drops the cause.
func withCause(ctx context.Context, err error) error {
	host := repository.FindString(err.Error())
	if host == "" {
		return err
	}
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
