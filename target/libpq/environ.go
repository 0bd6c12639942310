package libpq

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

// Environment is what a connection takes from its surroundings and not from its Config; all of it only with use_pg_env,
// but home, which paths may begin with.
type Environment struct {
	// Lookup returns the value of a variable, "" where it is not set. It may not be nil.
	Lookup func(name string) string
	// Home is the path of the home directory, "" when unknown.
	Home string
}

// directory is where libpq keeps certificates; next to it or in it are its two other files. They are "" when there is
// no such place.
func (env Environment) directory() (certificates, passfile, servicefile string) {
	if runtime.GOOS == "windows" {
		base := filepath.Join(env.Lookup("APPDATA"), "postgresql")
		return base, filepath.Join(base, "pgpass.conf"), filepath.Join(base, ".pg_service.conf")
	}
	if env.Home == "" {
		return "", "", ""
	}
	return filepath.Join(env.Home, ".postgresql"), filepath.Join(env.Home, ".pgpass"), filepath.Join(env.Home, ".pg_service.conf")
}

// Params reads the files and variables that libpq reads. A service in the URL wins over one in the variables. It fails
// if a service is named and cannot be read.
func (env Environment) Params(url Params) (Params, *Error) {
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
func (env Environment) files() Params {
	p := Params{}
	dir, passfile, servicefile := env.directory()
	p.Set("passfile", passfile, "the password file")
	p.Set("servicefile", servicefile, "the service file")
	if dir == "" {
		return p
	}
	root := filepath.Join(dir, "root.crt")
	if Exists(root) {
		p.Set("sslrootcert", root, root)
	}
	cert, key := filepath.Join(dir, "postgresql.crt"), filepath.Join(dir, "postgresql.key")
	if Exists(cert) && Exists(key) {
		p.Set("sslcert", cert, cert)
		p.Set("sslkey", key, key)
	}
	return p
}

// Exists reports whether there is a file.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (env Environment) variables() Params {
	p := Params{}
	for name, k := range Keywords {
		if k.Variable != "" {
			p.Set(name, env.Lookup(k.Variable), k.Variable)
		}
	}
	return p
}

// service reads the section of the service file that the keyword service names.
func (env Environment) service(p Params) (Params, *Error) {
	name, ok := p["service"]
	if !ok {
		return Params{}, nil
	}
	path := p.Get("servicefile")
	file, err := pgservicefile.ReadServicefile(path)
	if err != nil {
		return nil, &Error{
			Setting: name.Source, Err: WithoutPath(err),
			Reason: fmt.Sprintf("names a service, but the service file %q cannot be read: %v", path, WithoutPath(err)),
			Hint:   "create that file, or name another one in PGSERVICEFILE",
		}
	}
	found, err := file.GetService(name.Value)
	if err != nil {
		return nil, NewError(name.Source, fmt.Sprintf("names a service that the service file %q does not have", path), "")
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
		result[keyword] = Param{given.Value, path}
	}
	return result, nil
}

// Account is libpq's default for the user: the one this process runs as.
func (env Environment) Account() string {
	current, err := user.Current()
	if err != nil {
		return ""
	}
	return current.Username
}
