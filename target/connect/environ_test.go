package connect

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/target/libpq"
)

// poison is a value for every variable that pgx or libpq knows that would break or change a connection.
var poison = map[string]string{
	"PGHOST": "/nowhere", "PGPORT": "1", "PGUSER": "poison", "PGPASSWORD": "poison", "PGDATABASE": "poison",
	"PGPASSFILE": "/nowhere", "PGAPPNAME": "poison", "PGCONNECT_TIMEOUT": "poison", "PGOPTIONS": "-c search_path=poison",
	"PGTZ": "Asia/Tokyo", "PGSERVICE": "poison", "PGSERVICEFILE": "/nowhere", "PGTARGETSESSIONATTRS": "standby",
	"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/nowhere", "PGSSLCERT": "/nowhere", "PGSSLKEY": "", "PGSSLPASSWORD": "poison",
	"PGSSLCERTMODE": "", "PGSSLSNI": "poison", "PGSSLNEGOTIATION": "direct", "PGCHANNELBINDING": "require",
	"PGREQUIREAUTH": "none", "PGMINPROTOCOLVERSION": "3.2", "PGMAXPROTOCOLVERSION": "poison",
	"PGHOSTADDR": "192.0.2.1", "PGGSSENCMODE": "require", "PGSSLCRL": "/nowhere", "PGSSLCRLDIR": "/nowhere", "PGREQUIREPEER": "poison",
	"PGREQUIRESSL": "1", "PGCLIENTENCODING": "SQL_ASCII", "PGDATESTYLE": "German", "PGKRBSRVNAME": "poison", "PGGSSLIB": "poison",
	"PGSSLMINPROTOCOLVERSION": "poison", "PGSSLMAXPROTOCOLVERSION": "poison", "PGLOADBALANCEHOSTS": "random", "PGGSSDELEGATION": "1",
	"PGSSLCOMPRESSION": "1",
}

func setPoison(t *testing.T) {
	t.Helper()
	for name, value := range poison {
		t.Setenv(name, value)
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("APPDATA", home)
	if err := os.Mkdir(filepath.Join(home, ".postgresql"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"root.crt", "postgresql.crt", "postgresql.key"} {
		writeFile(t, filepath.Join(home, ".postgresql", name), "poison")
	}
	writeFile(t, filepath.Join(home, ".pgpass"), "*:*:*:*:poison")
	writeFile(t, filepath.Join(home, ".pg_service.conf"), "poison")
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// These tests set variables and so cannot be parallel.

func TestTheEnvironmentDecidesNothing(t *testing.T) {
	cfg := the(t, plainServer).config()
	conn := func() []string {
		got := make([]string, 6)
		if err := connect(t, cfg).QueryRow(t.Context(), `select current_user, current_database(), current_setting('TimeZone'),
			current_setting('application_name'), current_setting('search_path'), current_setting('DateStyle')`).
			Scan(&got[0], &got[1], &got[2], &got[3], &got[4], &got[5]); err != nil {
			t.Fatal(err)
		}
		return got
	}
	before := conn()
	setPoison(t)
	if diff := cmp.Diff(before, conn()); diff != "" {
		t.Errorf("(-clean +poisoned)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"alice", "loads", "UTC", "target-postgres"}, before[:4]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheWholeConfigurationIsTheSameInAnyEnvironment(t *testing.T) {
	describe := func() []any {
		c := connector(t, Config{Username: "u"})
		config := c.servers[0].config
		return []any{
			config.Host, config.Port, config.User, config.Password, config.Database, config.TLSConfig == nil, len(config.Fallbacks),
			config.RuntimeParams, config.ConnectTimeout, config.SSLCertMode, config.SSLNegotiation, config.ChannelBinding, config.RequireAuth,
			config.MinProtocolVersion, config.MaxProtocolVersion, config.ValidateConnect == nil, config.KerberosSrvName, c.timeout,
		}
	}
	before := describe()
	setPoison(t)
	if diff := cmp.Diff(before, describe()); diff != "" {
		t.Errorf("(-clean +poisoned)\n%s", diff)
	}
	// A service that can be read is as ineffective as one that cannot.
	t.Setenv("PGSERVICEFILE", writeFile(t, filepath.Join(t.TempDir(), "services"), "[poison]\nhost=poison\nsslmode=require\nsearch_path=poison\n"))
	if diff := cmp.Diff(before, describe()); diff != "" {
		t.Errorf("(-clean +service)\n%s", diff)
	}
}

// The variables are found in pgx's own source, so that one which a later version learns to read does not slip in.
func TestThePoisonIsComplete(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", "github.com/jackc/pgx/v5/pgconn").Output()
	if err != nil {
		t.Fatal(err)
	}
	source := readFile(t, filepath.Join(strings.TrimSpace(string(out)), "config.go"))
	found := regexp.MustCompile(`"(PG[A-Z_]+)": +"([a-z_]+)"`).FindAllStringSubmatch(source, -1)
	if len(found) < 20 {
		t.Fatalf("only %d variables are found in pgx", len(found))
	}
	for _, variable := range found {
		if _, ok := poison[variable[1]]; !ok {
			t.Errorf("pgx reads %s", variable[1])
		}
		keyword := map[string]string{"database": "dbname"}[variable[2]]
		if keyword == "" {
			keyword = variable[2]
		}
		if libpq.Keywords[keyword].Variable != variable[1] {
			t.Errorf("keyword %s is not read from %s", keyword, variable[1])
		}
		if _, ok := neutral[keyword]; !ok && !strings.HasPrefix(keyword, "service") {
			t.Errorf("keyword %s is not neutral", keyword)
		}
	}
	for keyword, k := range libpq.Keywords {
		if _, ok := poison[k.Variable]; k.Variable != "" && !ok {
			t.Errorf("%s of %s is not tested", k.Variable, keyword)
		}
	}
}

func TestAPasswordFileIsReadOnlyWithUsePGEnv(t *testing.T) {
	cfg := the(t, plainServer).config()
	cfg.Password, cfg.Host = "", "127.0.0.1"
	escaped := strings.NewReplacer(`\`, `\\`, `:`, `\:`).Replace(password)
	path := writeFile(t, filepath.Join(t.TempDir(), "pgpass"), "other:*:*:*:rezrov\n127.0.0.1:"+strconv.Itoa(cfg.Port)+":loads:alice:"+escaped+"\n")
	t.Setenv("PGPASSFILE", path)
	want{StepLogin, "password", false, "none is given", ""}.check(t, fails(t, cfg))
	cfg.UsePGEnv = true
	connect(t, cfg)
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c, err := New(cfg, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil || c.servers[0].config.Password != "" || !strings.Contains(log.String(), "others can read") {
		t.Errorf("a file that others can read is read: %v, %s", err, log.String())
	}
}

func TestWithUsePGEnvTheVariablesFillWhatIsOpen(t *testing.T) {
	s := the(t, plainServer)
	for name, value := range map[string]string{
		"PGHOST": "127.0.0.1", "PGPORT": strconv.Itoa(s.port), "PGUSER": "alice", "PGPASSWORD": password, "PGDATABASE": "loads",
		"PGAPPNAME": "from the variable", "PGTZ": "Asia/Tokyo", "PGOPTIONS": "-c search_path=chosen",
	} {
		t.Setenv(name, value)
	}
	got := make([]string, 3)
	if err := connect(t, Config{UsePGEnv: true}).QueryRow(t.Context(),
		"select current_setting('application_name'), current_setting('search_path'), current_setting('TimeZone')").
		Scan(&got[0], &got[1], &got[2]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"from the variable", "chosen", "UTC"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if name := fails(t, Config{}).Setting; name != "username" {
		t.Errorf("without use_pg_env %s is to blame", name)
	}
}

func TestTheLayersLieAsInLibpq(t *testing.T) {
	dir := t.TempDir()
	services := writeFile(t, filepath.Join(dir, "services"), "[load]\nhost=service\nport=11\ndbname=service\nuser=service\nsslmode=require\n")
	t.Setenv("HOME", dir)
	t.Setenv("PGSERVICEFILE", services)
	t.Setenv("PGSERVICE", "load")
	t.Setenv("PGHOST", "variable")
	t.Setenv("PGAPPNAME", "variable")
	c := connector(t, Config{UsePGEnv: true, URL: "postgres://url:12/url", Database: "setting"})
	s := c.servers[0]
	got := []any{s.config.RuntimeParams["application_name"], s.config.User, s.place, s.config.Database, s.mode}
	if diff := cmp.Diff([]any{"variable", "service", "url:12", "setting", libpq.TLSRequire}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	c = connector(t, Config{UsePGEnv: true, URL: "postgres://?service=load"})
	if got := c.servers[0].host; got != "service" {
		t.Errorf("a service of the url gives host %s", got)
	}
}

func TestBrokenFilesOfLibpqAreNamed(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PGUSER", "u")
	t.Setenv("PGSERVICE", "load")
	for text, reason := range map[string]string{
		"[other]\n":               "does not have",
		"xyzzy\n":                 "cannot be read",
		"[load]\npasword=xyzzy\n": "pasword, which is none",
	} {
		t.Setenv("PGSERVICEFILE", writeFile(t, filepath.Join(dir, "services"), text))
		if got := fails(t, Config{UsePGEnv: true}); got.Step != StepConfigure || !strings.Contains(got.Reason, reason) {
			t.Errorf("got %v, want %q", got, reason)
		}
	}
	t.Setenv("PGSERVICE", "")
	t.Setenv("PGSSLMODE", "poison")
	want{step: StepConfigure, setting: "PGSSLMODE", reason: "does not exist"}.check(t, fails(t, Config{UsePGEnv: true}))
	t.Setenv("PGSSLMODE", "")
	t.Setenv("PGHOSTADDR", "192.0.2.1")
	want{step: StepConfigure, setting: "PGHOSTADDR", reason: "not supported"}.check(t, fails(t, Config{UsePGEnv: true}))
}

func TestCertificatesInTheHomeDirectoryCountOnlyWithUsePGEnv(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("they are elsewhere")
	}
	ca := newAuthority(t, "ca")
	client := ca.client(t, "c")
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := os.Mkdir(filepath.Join(home, ".postgresql"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"root.crt": ca.pem, "postgresql.crt": client.cert, "postgresql.key": client.key} {
		writeFile(t, filepath.Join(home, ".postgresql", name), text)
	}
	for _, use := range []bool{false, true} {
		config := connector(t, Config{Username: "u", SSLMode: "require", UsePGEnv: use}).servers[0].config.TLSConfig
		if got := config.GetClientCertificate != nil; got != use {
			t.Errorf("use_pg_env %t: a client certificate is found: %t", use, got)
		}
		if got := config.VerifyConnection != nil; got != use {
			t.Errorf("use_pg_env %t: the server's certificate is verified: %t", use, got)
		}
	}
}
