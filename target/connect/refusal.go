package connect

import (
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/libpq"
	"target-postgres/target/sqlstate"
)

// explainRefusal is about a server that answered the login with an error. The code decides, since servers translate
// their messages.
func (s *server) explainRefusal(pg *pgconn.PgError) *Error {
	user, database := s.config.User, s.database()
	e := &Error{Step: StepLogin, Err: pg, Transient: s.mayPass(pg)}
	switch pg.Code {
	case pgerrcode.InvalidPassword:
		e.Setting = s.p.Source("password", "password")
		e.Reason = fmt.Sprintf("password authentication failed for user %q: the server %s refuses the password of the role %q (or has no such role)", user, s.place, user)
		e.Hint = "check username and password"
		if s.config.Password == "" {
			e.Reason = fmt.Sprintf("password authentication failed for user %q: the server %s asks for the password of the role %q, and none is given (no password supplied)", user, s.place, user)
			e.Hint = "set password"
		}
	case pgerrcode.InvalidAuthorizationSpecification:
		s.explainAuthorization(e, pg)
	case pgerrcode.InvalidCatalogName:
		e.Setting = s.p.Source("dbname", "database")
		e.Reason = fmt.Sprintf("database %q does not exist: the server %s has no database %q", database, s.place, database)
		e.Hint = "check database, or create it: CREATE DATABASE " + quoteIdentifier(database)
	case pgerrcode.InsufficientPrivilege:
		if raised(pg) || s.parameter(pg) != "" {
			s.explainParameter(e, pg)
			break
		}
		e.Setting = s.p.Source("user", "username")
		e.Reason = fmt.Sprintf("the role %q may not connect to the database %q (permission denied)", user, database)
		e.Hint = fmt.Sprintf("GRANT CONNECT ON DATABASE %s TO %s", quoteIdentifier(database), quoteIdentifier(user))
	case pgerrcode.ObjectNotInPrerequisiteState:
		e.Setting = s.p.Source("dbname", "database")
		e.Reason = fmt.Sprintf("database %q is not currently accepting connections: the database %q accepts no connections", database, database)
		e.Hint = "choose another, or ALTER DATABASE … ALLOW_CONNECTIONS true"
	case pgerrcode.TooManyConnections:
		e.Reason = because(fmt.Sprintf("the server %s has no connection left for the role %q", s.place, user), pg)
		e.Hint = "raise max_connections or the limit of the role or database, lower parallelism, run fewer loads at once, or put PgBouncer in between"
	case pgerrcode.CannotConnectNow, pgerrcode.AdminShutdown, pgerrcode.CrashShutdown:
		e.Reason = because(fmt.Sprintf("the server %s is starting up or shutting down", s.place), pg)
		e.Hint = "wait until it is up; its log says what it is doing"
	case pgerrcode.ProtocolViolation, pgerrcode.SQLServerRejectedEstablishmentOfSQLConnection:
		s.explainPooler(e, pg)
	case pgerrcode.UndefinedObject, pgerrcode.SyntaxError, pgerrcode.InvalidName, pgerrcode.InvalidParameterValue, pgerrcode.InvalidTextRepresentation:
		s.explainParameter(e, pg)
	default:
		e.Reason = because(fmt.Sprintf("the server %s refuses the login (SQLSTATE %s)", s.place, foreign(pg.Code)), pg)
		e.Hint = hintOf(pg)
	}
	return e
}

// explainParameter is about a parameter that options set. Its value may be a secret and is not repeated.
func (s *server) explainParameter(e *Error, pg *pgconn.PgError) {
	name := s.parameter(pg)
	if name == "" && (raised(pg) || s.p.Get("options") == "") {
		e.Reason = because(fmt.Sprintf("the server %s refuses the login (SQLSTATE %s)", s.place, foreign(pg.Code)), pg)
		return
	}
	e.Setting = s.p.Source("options", "")
	e.Reason = fmt.Sprintf("the server %s refuses a parameter%s of the session, its name or its value (SQLSTATE %s)", s.place, name, foreign(pg.Code))
	e.Hint = "check options in url and PGOPTIONS"
}

// mayPass reports whether another attempt to log in may succeed.
func (s *server) mayPass(pg *pgconn.PgError) bool {
	switch pg.Code {
	case pgerrcode.ProtocolViolation, pgerrcode.SQLServerRejectedEstablishmentOfSQLConnection:
		return poolerMayRecover(pg.Message)
	case pgerrcode.DiskFull, pgerrcode.DatabaseDropped, pgerrcode.OperatorIntervention, pgerrcode.QueryCanceled:
		return false
	}
	return sqlstate.InClassOf(pg.Code, pgerrcode.ConnectionException, pgerrcode.InsufficientResources, pgerrcode.OperatorIntervention)
}

// explainAuthorization tells apart what PostgreSQL reports by one code, by the names of its functions and files, which
// are never translated.
func (s *server) explainAuthorization(e *Error, pg *pgconn.PgError) {
	user := s.config.User
	e.Setting = s.p.Source("user", "username")
	e.Reason = because(fmt.Sprintf("the server %s refuses the role %q", s.place, user), pg)
	switch {
	case strings.Contains(pg.Message, "pg_hba.conf"):
		e.Setting, e.unlisted = "", true
		e.Hint = s.missingLine(pg.Message)
	case pg.Routine == "ClientAuthentication" || strings.Contains(pg.Message, "valid client certificate"):
		e.Setting = s.p.Source("sslcert", "ssl_cert")
		e.Reason = fmt.Sprintf("the server %s wants a client certificate for the role %q", s.place, user)
		e.Hint = "set ssl_cert and ssl_key to a certificate signed by the authority in the server's ssl_ca_file, and ssl_mode to require or more"
	case pg.Routine == "auth_failed" && s.hasCertificate():
		e.Setting = s.p.Source("sslcert", "ssl_cert")
		e.Hint = fmt.Sprintf("the common name of ssl_cert must be %q, or be mapped to it in the server's pg_ident.conf", user)
	case pg.Routine == "auth_failed":
		e.Hint = "pg_hba.conf chose a method that identifies the role by something else than a password; see the server's log"
	default: // InitializeSessionUserId
		e.Hint = "create it: CREATE ROLE " + quoteIdentifier(user) + " LOGIN PASSWORD '…'; or ALTER ROLE … LOGIN"
	}
}

// missingLine is the line that the server's pg_hba.conf needs. The server knows our address better than we do.
func (s *server) missingLine(message string) string {
	kind, address := "host", "<the address that the server sees>"
	if s.isSocket() {
		kind, address = "local", ""
	}
	if ip := addressIn(message); ip != nil && ip.To4() != nil {
		address = ip.String() + "/32"
	} else if ip != nil {
		address = ip.String() + "/128"
	}
	line := strings.Join(strings.Fields(strings.Join([]string{
		kind, quoteHBA(s.database()), quoteHBA(s.config.User), address, "scram-sha-256",
	}, " ")), " ")
	hint := "add this line to the server's pg_hba.conf, above any that rejects, and reload it: " + line
	if s.mode == libpq.TLSDisable && !s.isSocket() {
		hint += "; if it has a hostssl line for this, set ssl_mode to require instead"
	}
	return hint
}

// addressIn finds the one IP address in a message of the server, in any language.
func addressIn(message string) net.IP {
	quotes := func(r rune) bool { return strings.ContainsRune("\"'«»„“”, ", r) }
	for word := range strings.FieldsFuncSeq(message, quotes) {
		if ip := net.ParseIP(word); ip != nil {
			return ip
		}
	}
	return nil
}

// poolerMessages are the errors of PgBouncer that pass, which all have the code of a protocol violation.
var poolerMessages = []string{
	"no more connections allowed", "server login has been failing", "query_wait_timeout", "cannot connect to server",
	"shutting down", "is shut down", "pooler is", "server_lifetime", "client_login_timeout", "server conn crashed",
	"server connection closed", "connect failed", "server closed", "too many",
}

func poolerMayRecover(message string) bool {
	for _, known := range poolerMessages {
		if strings.Contains(message, known) {
			return true
		}
	}
	return false
}

// explainPooler is about PgBouncer and its like.
func (s *server) explainPooler(e *Error, pg *pgconn.PgError) {
	message := serverSaid(pg)
	e.Reason = because(fmt.Sprintf("the connection pooler or server %s refuses the login", s.place), pg)
	switch {
	case strings.Contains(message, "unsupported startup parameter"):
		e.Setting = s.p.Source("options", "")
		e.Hint = "take options out of url and PGOPTIONS, or add it to ignore_startup_parameters of PgBouncer"
	case strings.Contains(message, "no such database"):
		e.Setting = s.p.Source("dbname", "database")
		e.Hint = "check database, and the section [databases] of PgBouncer"
	case strings.Contains(message, "no such user"), strings.Contains(message, "authentication failed"),
		strings.Contains(message, "auth failed"):
		e.Setting = s.p.Source("password", "password")
		e.Hint = "check username and password, and PgBouncer's auth_file or auth_query"
	case strings.Contains(message, "login rejected"), strings.Contains(message, "TLS required"), strings.Contains(message, "SSL required"):
		e.Setting = s.p.Source("sslmode", "ssl_mode")
		e.Hint = "it may want TLS: set ssl_mode to require"
	case e.Transient:
		e.Hint = "see the log of the pooler"
	default:
		e.Hint = hintOf(pg)
	}
}

// database is the one asked for; the server takes the user's name for none.
func (s *server) database() string {
	if s.config.Database == "" {
		return s.config.User
	}
	return s.config.Database
}

func quoteIdentifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteHBA quotes what pg_hba.conf would not take as one plain name.
func quoteHBA(name string) string {
	special := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-' }
	switch name {
	case "all", "sameuser", "samerole", "samegroup", "replication":
		return quoteIdentifier(name)
	}
	if name == "" || strings.ContainsFunc(name, special) {
		return quoteIdentifier(name)
	}
	return name
}
