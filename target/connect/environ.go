package connect

import (
	"fmt"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/jackc/pgservicefile"
)

// environment is what a connection takes from its surroundings and not from its
// Config; all of it only with use_pg_env, but home, which paths may begin with.
type environment struct {
	lookup func(name string) string
	home   string // "" when unknown
}

// directory is where libpq keeps certificates; next to it or in it are its two
// other files. They are "" when there is no such place.
func (env environment) directory() (certificates, passfile, servicefile string) {
	if runtime.GOOS == "windows" {
		base := filepath.Join(env.lookup("APPDATA"), "postgresql")
		return base, filepath.Join(base, "pgpass.conf"), filepath.Join(base, ".pg_service.conf")
	}
	if env.home == "" {
		return "", "", ""
	}
	return filepath.Join(env.home, ".postgresql"), filepath.Join(env.home, ".pgpass"), filepath.Join(env.home, ".pg_service.conf")
}

// params reads the files and variables that libpq reads. What the URL says about
// the service counts before the variables do.
func (env environment) params(url params) (params, *Error) {
	p := env.files()
	maps.Copy(p, env.variables())
	for _, keyword := range []string{"service", "servicefile"} {
		if given, ok := url[keyword]; ok {
			p[keyword] = given
		}
	}
	fromService, err := env.service(p)
	if err != nil {
		return nil, err
	}
	maps.Copy(p, fromService)
	return p, nil
}

// files are libpq's defaults that exist: a certificate only together with its key.
func (env environment) files() params {
	p := params{}
	dir, passfile, servicefile := env.directory()
	p.set("passfile", passfile, "the password file")
	p.set("servicefile", servicefile, "the service file")
	if dir == "" {
		return p
	}
	root := filepath.Join(dir, "root.crt")
	if exists(root) {
		p.set("sslrootcert", root, root)
	}
	cert, key := filepath.Join(dir, "postgresql.crt"), filepath.Join(dir, "postgresql.key")
	if exists(cert) && exists(key) {
		p.set("sslcert", cert, cert)
		p.set("sslkey", key, key)
	}
	return p
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (env environment) variables() params {
	p := params{}
	for name, k := range keywords {
		if k.variable != "" {
			p.set(name, env.lookup(k.variable), k.variable)
		}
	}
	return p
}

// service reads the section of the service file that the keyword service names.
func (env environment) service(p params) (params, *Error) {
	name, ok := p["service"]
	if !ok {
		return params{}, nil
	}
	path := p.get("servicefile")
	file, err := pgservicefile.ReadServicefile(path)
	if err != nil {
		return nil, &Error{
			Step: StepConfigure, Setting: name.source, Err: plainCause(err),
			Reason: fmt.Sprintf("names a service, but the service file %q cannot be read: %v", path, plainCause(err)),
			Hint:   "see PGSERVICEFILE",
		}
	}
	found, err := file.GetService(name.value)
	if err != nil {
		return nil, configError(name.source, fmt.Sprintf("names a service that the service file %q does not have", path), "")
	}
	pairs := make([]pair, 0, len(found.Settings))
	for _, keyword := range slices.Sorted(maps.Keys(found.Settings)) {
		pairs = append(pairs, pair{keyword: keyword, value: found.Settings[keyword]})
	}
	result, failed := known(pairs)
	if failed != nil {
		failed.Setting = path
		return nil, failed
	}
	for keyword, given := range result {
		result[keyword] = param{given.value, path}
	}
	return result, nil
}

// account is libpq's default for the user: the one this process runs as.
func (env environment) account() string {
	current, err := user.Current()
	if err != nil {
		return ""
	}
	return current.Username
}
