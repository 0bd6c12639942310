package libpq

import (
	"regexp"
	"strings"
)

// scheme matches the beginning of a URI: PostgreSQL's, SQLAlchemy's and unknown ones.
var scheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.:_-]*)://`)

// driverScheme matches PostgreSQL's scheme, with the driver that SQLAlchemy adds.
var driverScheme = regexp.MustCompile(`^postgres(?:ql)?(\+[a-z0-9_]+)?$`)

// ParseURL reads the setting url. No error repeats any of its values, nor anything that may be the rest of a password
// with special characters.
func ParseURL(text string) (Params, *Error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Params{}, nil
	}
	if strings.ContainsRune(text, 0) {
		return nil, urlError("holds a NUL byte", "")
	}
	var pairs []pair
	var err *Error
	switch found := scheme.FindStringSubmatch(text); {
	case found != nil:
		kind := driverScheme.FindStringSubmatch(found[1])
		if kind == nil {
			return nil, urlError("is not a PostgreSQL URL", "write it as postgresql://user:password@host:5432/database")
		}
		pairs, err = parseURI(text[len(found[0]):], kind[1] != "")
	case strings.Contains(text, "="):
		pairs, err = parseKeywords(text)
	default:
		err = urlError("is neither a URL nor keywords with values",
			"write it as postgresql://user:password@host:5432/database or as host=… dbname=…")
	}
	if err != nil {
		return nil, err
	}
	return known(pairs)
}

// pair is one parameter as it was written.
type pair struct {
	keyword, value string
	// doubtful marks a keyword that may be the rest of a broken password.
	doubtful bool
}

// known makes params of the pairs, the last of a keyword winning.
func known(pairs []pair) (Params, *Error) {
	p := Params{}
	for _, given := range pairs {
		if given.keyword == "database" {
			given.keyword = "dbname" // as pgx has it, and many who guess
		}
		if _, ok := Keywords[given.keyword]; !ok {
			return nil, unknown(given)
		}
		delete(p, given.keyword)
		p.Set(given.keyword, given.value, SourceURL)
	}
	return p, nil
}

// plainWord is what keywords look like.
var plainWord = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

func unknown(given pair) *Error {
	if given.doubtful || !plainWord.MatchString(given.keyword) {
		return urlError("has a parameter that is none of PostgreSQL's",
			"check the names of the parameters; "+EscapeURL+"; among keywords, "+escapeKeywords)
	}
	return urlError("has a parameter "+given.keyword+", which is none of PostgreSQL's",
		"see the parameter key words in PostgreSQL's documentation of libpq")
}

// Hints for values that need an escape, in either form.
const (
	EscapeURL      = `in a URL, "@" in a password is written %40, "/" %2F, "?" %3F, "%" %25`
	escapeKeywords = `values with spaces go into single quotes, and ' and \ get a \ before them`
)

func urlError(reason, hint string) *Error { return NewError(SourceURL, reason, hint) }

// parseKeywords reads libpq's keyword = value form, in its conninfo_parse's rules.
func parseKeywords(text string) ([]pair, *Error) {
	const space = " \t\n\r\v\f"
	var pairs []pair
	secret := false // a password has been seen: what follows may be its rest
	for rest := strings.TrimLeft(text, space); rest != ""; rest = strings.TrimLeft(rest, space) {
		name, after, found := strings.Cut(rest, "=")
		name = strings.TrimRight(name, space)
		if !found || name == "" || strings.ContainsAny(name, space) {
			return nil, urlError("has a keyword without =", "write it as host=… port=… dbname=…; "+escapeKeywords)
		}
		value, after, ok := cutValue(strings.TrimLeft(after, space), space)
		if !ok {
			return nil, urlError("has a quoted value without its end", escapeKeywords)
		}
		pairs = append(pairs, pair{keyword: name, value: value, doubtful: secret})
		secret = secret || name == "password" || name == "sslpassword"
		rest = after
	}
	return pairs, nil
}

// cutValue takes one value, quoted or not, from the beginning of text.
func cutValue(text, space string) (value, rest string, ok bool) {
	quoted := strings.HasPrefix(text, "'")
	if quoted {
		text = text[1:]
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			if i++; i < len(text) {
				b.WriteByte(text[i])
			}
		case quoted && c == '\'':
			return b.String(), text[i+1:], true
		case !quoted && strings.IndexByte(space, c) >= 0:
			return b.String(), text[i:], true
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", !quoted
}
