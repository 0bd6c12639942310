package libpq

import (
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The defaults of a connection.
const (
	DefaultHost            = "localhost"
	DefaultPort            = 5432
	DefaultConnectTimeout  = 30 * time.Second
	defaultApplicationName = "target-postgres"
)

// Param is the value of one of libpq's keywords, and the setting or variable that gave it.
type Param struct{ Value, Source string }

// Params are what is known about a connection, in libpq's keywords. A keyword without a value is not in it.
type Params map[string]Param

// Set sets a keyword where there is a value for it.
func (p Params) Set(keyword, value, source string) {
	if value != "" {
		p[keyword] = Param{value, source}
	}
}

// Get is the value of a keyword, "" where it has none.
func (p Params) Get(keyword string) string { return p[keyword].Value }

// Source names what gave a keyword, or what may give it.
func (p Params) Source(keyword, setting string) string {
	if given, ok := p[keyword]; ok {
		return given.Source
	}
	return setting
}

// SourceURL is the source of what the setting url gave.
const SourceURL = "url"

// Check refuses keywords with no effect here that would be missed, and values that no server can take.
func (p Params) Check(usePGEnv bool, log *slog.Logger) *Error {
	for _, name := range slices.Sorted(maps.Keys(p)) {
		given := p[name]
		if strings.ContainsRune(given.Value, 0) {
			return NewError(given.Source, "holds a NUL byte", "")
		}
		k := Keywords[name]
		switch {
		case k.use == refused && !slices.Contains(k.harmless, given.Value):
			return NewError(given.Source, "has "+name+", which is not supported: "+k.why, "remove it")
		case k.use == fromFiles && !usePGEnv:
			return NewError(given.Source, "has "+name+", but files of other programs are read only with use_pg_env", "set use_pg_env to true")
		case k.use == ignored:
			log.Warn("connection parameter has no effect", "parameter", name, "from", given.Source, "because", k.why)
		}
	}
	return nil
}

// Require fills in the user or says that it is missing.
func (p Params) Require(usePGEnv bool, env Environment) *Error {
	if p.Get("user") == "" && usePGEnv {
		p.Set("user", env.Account(), "username")
	}
	if p.Get("user") == "" {
		return NewError("username", "is missing", "set it, or put it into url")
	}
	return nil
}

// Timeout is the connect timeout. If libpq would wait for ever, it is the default. A text that is no number is an
// error.
func (p Params) Timeout() (time.Duration, *Error) {
	text := p.Get("connect_timeout")
	if text == "" {
		return DefaultConnectTimeout, nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds != seconds || seconds > (24*time.Hour).Seconds() {
		return 0, NewError(p.Source("connect_timeout", ""), "has a connect_timeout that is not a number of seconds", "")
	}
	if seconds <= 0 {
		return DefaultConnectTimeout, nil
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// ApplicationName follows libpq: the fallback counts if application_name is not set.
func (p Params) ApplicationName() string {
	for _, keyword := range []string{"application_name", "fallback_application_name"} {
		if name := p.Get(keyword); name != "" {
			return name
		}
	}
	return defaultApplicationName
}
