package libpq

// use is what becomes of one of libpq's keywords.
type use uint8

const (
	used      use = iota
	fromFiles     // names a file of libpq's, or something in it: only with use_pg_env
	ignored       // without it the connection is what it would be with it
	refused       // without it the connection would not be what was asked for
)

// keyword is one of libpq's connection parameters (of PostgreSQL 18), with the variable that stands for it.
type keyword struct {
	Variable string
	use      use
	why      string   // for ignored and refused
	harmless []string // the values for which refused means used
}

const (
	ownLiveness = "dead connections are found by the program's own keep-alive"
	ownSession  = "the program sets its session up by itself"
	noGSS       = "there is no GSSAPI"
	noOAuth     = "there is no OAuth login"
	poolTuning  = "it is a setting of a driver, and of another one"
)

// Keywords is a table, never changed. Other names are refused as typing errors: a misspelt sslmode must not go
// unnoticed.
var Keywords = map[string]keyword{
	"host":                      {Variable: "PGHOST"},
	"port":                      {Variable: "PGPORT"},
	"user":                      {Variable: "PGUSER"},
	"password":                  {Variable: "PGPASSWORD"},
	"dbname":                    {Variable: "PGDATABASE"},
	"application_name":          {Variable: "PGAPPNAME"},
	"fallback_application_name": {},
	"connect_timeout":           {Variable: "PGCONNECT_TIMEOUT"},
	"options":                   {Variable: "PGOPTIONS"},
	"target_session_attrs":      {Variable: "PGTARGETSESSIONATTRS"},
	"channel_binding":           {Variable: "PGCHANNELBINDING"},
	"require_auth":              {Variable: "PGREQUIREAUTH"},
	"min_protocol_version":      {Variable: "PGMINPROTOCOLVERSION"},
	"max_protocol_version":      {Variable: "PGMAXPROTOCOLVERSION"},

	"sslmode":                  {Variable: "PGSSLMODE"},
	"sslrootcert":              {Variable: "PGSSLROOTCERT"},
	"sslcert":                  {Variable: "PGSSLCERT"},
	"sslkey":                   {Variable: "PGSSLKEY"},
	"sslpassword":              {Variable: "PGSSLPASSWORD"},
	"sslcertmode":              {Variable: "PGSSLCERTMODE"},
	"sslsni":                   {Variable: "PGSSLSNI"},
	"sslnegotiation":           {Variable: "PGSSLNEGOTIATION"},
	"ssl_min_protocol_version": {Variable: "PGSSLMINPROTOCOLVERSION"},
	"ssl_max_protocol_version": {Variable: "PGSSLMAXPROTOCOLVERSION"},

	"passfile":    {Variable: "PGPASSFILE", use: fromFiles},
	"service":     {Variable: "PGSERVICE", use: fromFiles},
	"servicefile": {Variable: "PGSERVICEFILE", use: fromFiles},

	"client_encoding":     {Variable: "PGCLIENTENCODING", use: ignored, why: ownSession + ", in UTF-8"},
	"datestyle":           {Variable: "PGDATESTYLE", use: ignored, why: ownSession},
	"timezone":            {Variable: "PGTZ", use: ignored, why: ownSession + ", in UTC"},
	"keepalives":          {use: ignored, why: ownLiveness},
	"keepalives_idle":     {use: ignored, why: ownLiveness},
	"keepalives_interval": {use: ignored, why: ownLiveness},
	"keepalives_count":    {use: ignored, why: ownLiveness},
	"tcp_user_timeout":    {use: ignored, why: ownLiveness},
	"sslcompression":      {Variable: "PGSSLCOMPRESSION", use: ignored, why: "TLS 1.3 knows no compression"},
	"load_balance_hosts":  {Variable: "PGLOADBALANCEHOSTS", use: ignored, why: "hosts are tried in their order"},
	"krbsrvname":          {Variable: "PGKRBSRVNAME", use: ignored, why: noGSS},
	"gsslib":              {Variable: "PGGSSLIB", use: ignored, why: noGSS},
	"gssdelegation":       {Variable: "PGGSSDELEGATION", use: ignored, why: noGSS},

	// Parameters that pgx, its pools, SQLAlchemy's drivers and PgBouncer's users put into URLs.
	"default_query_exec_mode":       {use: ignored, why: ownSession},
	"statement_cache_capacity":      {use: ignored, why: poolTuning},
	"description_cache_capacity":    {use: ignored, why: poolTuning},
	"statement_cache_size":          {use: ignored, why: poolTuning},
	"prepared_statement_cache_size": {use: ignored, why: poolTuning},
	"prepare_threshold":             {use: ignored, why: poolTuning},
	"pool_max_conns":                {use: ignored, why: poolTuning},
	"pool_min_conns":                {use: ignored, why: poolTuning},
	"pgbouncer":                     {use: ignored, why: "every connection is fit for PgBouncer"},

	"hostaddr":            {Variable: "PGHOSTADDR", use: refused, why: "only host is"},
	"gssencmode":          {Variable: "PGGSSENCMODE", use: refused, why: noGSS, harmless: []string{"disable", "prefer"}},
	"requirepeer":         {Variable: "PGREQUIREPEER", use: refused, why: "the owner of a socket is not checked"},
	"requiressl":          {Variable: "PGREQUIRESSL", use: refused, why: "sslmode has replaced it", harmless: []string{"0"}},
	"sslcrl":              {Variable: "PGSSLCRL", use: refused, why: "revocation lists are not checked"},
	"sslcrldir":           {Variable: "PGSSLCRLDIR", use: refused, why: "revocation lists are not checked"},
	"sslkeylogfile":       {use: refused, why: "it gives the connection's secrets away"},
	"replication":         {use: refused, why: "a load is no replication", harmless: []string{"0", "false", "off", "no"}},
	"scram_client_key":    {use: refused, why: "SCRAM needs the password"},
	"scram_server_key":    {use: refused, why: "SCRAM needs the password"},
	"oauth_issuer":        {use: refused, why: noOAuth},
	"oauth_client_id":     {use: refused, why: noOAuth},
	"oauth_scope":         {use: refused, why: noOAuth},
	"oauth_client_secret": {use: refused, why: noOAuth},
}
