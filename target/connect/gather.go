package connect

import (
	"log/slog"
	"maps"
	"strconv"

	"target-postgres/target/libpq"
)

// gather lays what is known in layers, as libpq does: the settings over the URL over the service file over the
// variables over the files in the home directory.
func gather(cfg Config, env libpq.Environment, log *slog.Logger) (libpq.Params, *libpq.Error) {
	fromURL, err := libpq.ParseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	p := libpq.Params{}
	if cfg.UsePGEnv {
		outer, err := env.Params(fromURL)
		if err != nil {
			return nil, err
		}
		maps.Copy(p, outer)
	}
	maps.Copy(p, fromURL)
	maps.Copy(p, cfg.settings())
	if cfg.UseTLS && cfg.SSLMode == "" && !libpq.TLSMode(p.Get("sslmode")).Encrypts() {
		p.Set("sslmode", string(libpq.TLSPrefer), "use_tls")
	}
	if cfg.ConnectTimeout > 0 {
		p.Set("connect_timeout", strconv.FormatFloat(cfg.ConnectTimeout.Seconds(), 'f', -1, 64), "connect_timeout")
	}
	if err := p.Check(cfg.UsePGEnv, log); err != nil {
		return nil, err
	}
	return p, p.Require(cfg.UsePGEnv, env)
}
