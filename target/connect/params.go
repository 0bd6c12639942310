package connect

import (
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// param is the value of one of libpq's keywords, and the setting or variable
// that gave it.
type param struct{ value, source string }

// params are what is known about a connection, in libpq's keywords. A keyword
// without a value is not in it.
type params map[string]param

func (p params) set(keyword, value, source string) {
	if value != "" {
		p[keyword] = param{value, source}
	}
}

func (p params) get(keyword string) string { return p[keyword].value }

// source names what gave a keyword, or what may give it.
func (p params) source(keyword, setting string) string {
	if given, ok := p[keyword]; ok {
		return given.source
	}
	return setting
}

// sourceURL is the source of what the setting url gave.
const sourceURL = "url"

// gather lays what is known in layers, as libpq does: the settings over the URL
// over the service file over the variables over the files in the home directory.
func gather(cfg Config, env environment, log *slog.Logger) (params, *Error) {
	fromURL, err := parseConnString(cfg.URL)
	if err != nil {
		return nil, err
	}
	p := params{}
	if cfg.UsePGEnv {
		outer, err := env.params(fromURL)
		if err != nil {
			return nil, err
		}
		maps.Copy(p, outer)
	}
	maps.Copy(p, fromURL)
	maps.Copy(p, cfg.settings())
	if cfg.UseTLS && cfg.SSLMode == "" && !slices.Contains(strictModes, p.get("sslmode")) {
		p.set("sslmode", "prefer", "use_tls")
	}
	if cfg.ConnectTimeout > 0 {
		p.set("connect_timeout", strconv.FormatFloat(cfg.ConnectTimeout.Seconds(), 'f', -1, 64), "connect_timeout")
	}
	if err := p.check(cfg.UsePGEnv, log); err != nil {
		return nil, err
	}
	return p, p.require(cfg.UsePGEnv, env)
}

// check refuses keywords with no effect here that would be missed, and values
// that no server can take.
func (p params) check(usePGEnv bool, log *slog.Logger) *Error {
	for _, name := range slices.Sorted(maps.Keys(p)) {
		given := p[name]
		if strings.ContainsRune(given.value, 0) {
			return configError(given.source, "holds a NUL byte", "")
		}
		k := keywords[name]
		switch {
		case k.use == refused && !slices.Contains(k.harmless, given.value):
			return configError(given.source, "has "+name+", which is not supported: "+k.why, "remove it")
		case k.use == fromFiles && !usePGEnv:
			return configError(given.source, "has "+name+", but files of other programs are read only with use_pg_env", "set use_pg_env to true")
		case k.use == ignored:
			log.Warn("connection parameter has no effect", "parameter", name, "from", given.source, "because", k.why)
		}
	}
	return nil
}

// require fills in the user or says that it is missing.
func (p params) require(usePGEnv bool, env environment) *Error {
	if p.get("user") == "" && usePGEnv {
		p.set("user", env.account(), "username")
	}
	if p.get("user") == "" {
		return configError("username", "is missing", "set it, or put it into url")
	}
	return nil
}

// timeout is the connect timeout. Where libpq would wait for ever, the default holds.
func (p params) timeout() (time.Duration, *Error) {
	text := p.get("connect_timeout")
	if text == "" {
		return defaultConnectTimeout, nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds != seconds || seconds > (24*time.Hour).Seconds() {
		return 0, configError(p.source("connect_timeout", ""), "has a connect_timeout that is not a number of seconds", "")
	}
	if seconds <= 0 {
		return defaultConnectTimeout, nil
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// applicationName follows libpq: the fallback is for when nobody chose.
func (p params) applicationName() string {
	for _, keyword := range []string{"application_name", "fallback_application_name"} {
		if name := p.get(keyword); name != "" {
			return name
		}
	}
	return defaultApplicationName
}
