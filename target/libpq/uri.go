package libpq

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// parseURI reads what follows the scheme of a connection URI, by libpq's rules: several hosts with commas between,
// addresses in brackets, everything optional. It refuses an "@" that libpq would take into a host or a database, since
// then the password before it was cut. With driver it reads SQLAlchemy's dialect: a "/" may be in the password, and
// host may be repeated.
func parseURI(text string, driver bool) ([]pair, *Error) {
	user, password, rest := cutUserinfo(text, driver)
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	hosts, rest := rest[:end], rest[end:]
	path, query, _ := strings.Cut(rest, "?")
	if strings.Contains(hosts+path, "@") {
		return nil, urlError("contains an unexpected @", EscapeURL)
	}
	host, port, err := parseHosts(hosts)
	if err != nil {
		return nil, err
	}
	pairs := []pair{
		{keyword: "user", value: user},
		{keyword: "password", value: password},
		{keyword: "host", value: host},
		{keyword: "port", value: port},
		{keyword: "dbname", value: strings.TrimPrefix(path, "/")},
	}
	for i := range pairs {
		var ok bool
		if pairs[i].value, ok = decode(pairs[i].value); !ok {
			return nil, badEscape()
		}
	}
	return parseQuery(query, pairs, driver, user == "" && strings.Contains(query, "@"))
}

// cutUserinfo splits user and password off. To libpq they end at the first "@",
// if no "/" comes before it.
func cutUserinfo(text string, driver bool) (user, password, rest string) {
	userinfo, after, found := strings.Cut(text, "@")
	if !found {
		return "", "", text
	}
	user, password, _ = strings.Cut(userinfo, ":")
	if strings.Contains(user, "/") || !driver && strings.Contains(userinfo, "/") {
		return "", "", text
	}
	return user, password, after
}

// parseHosts makes libpq's two lists of what stands between "@" and "/".
func parseHosts(text string) (hosts, ports string, err *Error) {
	var hostList, portList []string
	for part := range strings.SplitSeq(text, ",") {
		host, port, _ := strings.Cut(part, ":")
		if strings.HasPrefix(part, "[") {
			inside, after, closed := strings.Cut(part[1:], "]")
			var colon bool
			port, colon = strings.CutPrefix(after, ":")
			if !closed || inside == "" || after != "" && !colon {
				return "", "", urlError("has a bracketed address that is broken", "write it as [::1]:5432")
			}
			host = inside
		}
		hostList, portList = append(hostList, host), append(portList, port)
	}
	return joinUnlessEmpty(hostList), joinUnlessEmpty(portList), nil
}

func joinUnlessEmpty(list []string) string {
	if !slices.ContainsFunc(list, func(s string) bool { return s != "" }) {
		return ""
	}
	return strings.Join(list, ",")
}

// parseQuery adds the parameters after "?" to the pairs.
func parseQuery(query string, pairs []pair, driver, doubtful bool) ([]pair, *Error) {
	var repeated []string
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, found := strings.Cut(part, "=")
		name, nameOK := decode(name)
		value, valueOK := decode(value)
		switch {
		case !nameOK || !valueOK:
			return nil, badEscape()
		case !found:
			return nil, urlError("has a parameter without =", EscapeURL)
		case driver && name == "host":
			repeated = append(repeated, value)
			continue
		case name == "ssl":
			if name, value = "sslmode", sslAlias(value); value == "" {
				return nil, urlError("has a parameter ssl with a value that is not true", "use sslmode")
			}
		}
		pairs = append(pairs, pair{keyword: name, value: value, doubtful: doubtful})
		doubtful = doubtful || name == "password" || name == "sslpassword"
	}
	if len(repeated) == 0 {
		return pairs, nil
	}
	return append(pairs, alchemyHosts(repeated, pairs)...), nil
}

// sslAlias translates the parameter ssl of JDBC ("true") and of asyncpg (a mode).
func sslAlias(value string) string {
	if value == "true" {
		return string(TLSRequire)
	}
	mode, _ := ParseTLSMode(value)
	return string(mode)
}

// alchemyHosts translates SQLAlchemy's ?host=a:5432&host=b:5432.
func alchemyHosts(values []string, pairs []pair) []pair {
	var hosts, ports []string
	for _, value := range values {
		host, port, err := net.SplitHostPort(value)
		if err != nil {
			host, port = value, ""
		}
		hosts, ports = append(hosts, host), append(ports, port)
	}
	found := []pair{{keyword: "host", value: strings.Join(hosts, ",")}}
	explicit := slices.ContainsFunc(pairs, func(p pair) bool { return p.keyword == "port" && p.value != "" })
	if list := joinUnlessEmpty(ports); list != "" || !explicit {
		found = append(found, pair{keyword: "port", value: list})
	}
	return found
}

// decode undoes percent-encoding; a plus is a plus.
func decode(text string) (string, bool) {
	decoded, err := url.PathUnescape(text)
	return decoded, err == nil && !strings.ContainsRune(decoded, 0)
}

func badEscape() *Error {
	return urlError("has a % that does not begin a percent-encoded character", EscapeURL)
}
