package shape

import (
	"encoding/json"
	"errors"
	"strings"

	"target-postgres/typemap"
)

// expression is what a stream map makes of a field: the part of the SDK's language that needs no Python.
type expression struct {
	// field is the field whose value it is, "" for a constant.
	field string
	// constant is its JSON if there is no field.
	constant string
	// text says that the value is written as text.
	text bool
	// digest is the hash that is stored instead of the value, nil for the value.
	digest *typemap.Digest
}

// scope is what an expression may refer to beside the fields.
type scope struct {
	stream, self string
	config       map[string]any
}

// errUnsupported is an expression that needs Python.
var errUnsupported = errors.New("is not supported")

// parse reads an expression: a value, or the hash of one, or of texts and at most one value that are added.
func parse(text string, in scope) (expression, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return expression{}, err
	}
	p := &parser{tokens: tokens, scope: in}
	parts, err := p.sum()
	switch {
	case err != nil:
		return expression{}, err
	case p.peek() != "":
		return expression{}, errUnsupported
	case len(parts) > 1:
		return addTexts(parts)
	}
	return parts[0], nil
}

// parser reads the tokens of an expression.
type parser struct {
	tokens []string
	scope  scope
}

// peek is the next token, "" at the end.
func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	token := p.peek()
	p.tokens = p.tokens[min(1, len(p.tokens)):]
	return token
}

// take steps over tokens if they are the next ones.
func (p *parser) take(tokens ...string) bool {
	if len(p.tokens) < len(tokens) {
		return false
	}
	for i, token := range tokens {
		if p.tokens[i] != token {
			return false
		}
	}
	p.tokens = p.tokens[len(tokens):]
	return true
}

func (p *parser) sum() ([]expression, error) {
	var parts []expression
	for {
		part, err := p.value()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if !p.take("+") {
			return parts, nil
		}
	}
}

// value reads a constant, a field, a member of config, or a function of these.
func (p *parser) value() (expression, error) {
	token := p.next()
	switch {
	case token == "":
		return expression{}, errUnsupported
	case token[0] == '\'' || token[0] == '"':
		return expression{constant: quoteJSON(unquote(token))}, nil
	case token[0] >= '0' && token[0] <= '9' || token[0] == '-':
		if !json.Valid([]byte(token)) {
			return expression{}, errUnsupported
		}
		return expression{constant: token}, nil
	case !isName(token):
		return expression{}, errUnsupported
	}
	if word, is := map[string]string{"True": "true", "False": "false", "None": "null"}[token]; is {
		return expression{constant: word}, nil
	}
	switch token {
	case "__stream_name__", "__original_stream_name__":
		return expression{constant: quoteJSON(p.scope.stream)}, nil
	case self:
		return expression{field: p.scope.self}, p.whole()
	case "record", "_":
		field, err := p.member()
		return expression{field: field}, errors.Join(err, p.whole())
	case "config":
		return p.config()
	case "md5", "sha256", "str":
		return p.function(token)
	}
	return expression{field: token}, p.whole()
}

// self is the name of the field that an expression is about.
const self = "self"

// whole refuses what takes a part of a value, or calls a function that is not known.
func (p *parser) whole() error {
	switch p.peek() {
	case "(", "[", ".":
		return errUnsupported
	}
	return nil
}

// member reads ['name'], or .name.
func (p *parser) member() (string, error) {
	switch {
	case p.take("["):
		token := p.next()
		if token == "" || token[0] != '\'' && token[0] != '"' || !p.take("]") {
			return "", errUnsupported
		}
		return unquote(token), nil
	case p.take("."):
		if token := p.next(); isName(token) {
			return token, nil
		}
	}
	return "", errUnsupported
}

// config reads a member of stream_map_config, which is a constant.
func (p *parser) config() (expression, error) {
	key, err := p.member()
	if err := errors.Join(err, p.whole()); err != nil {
		return expression{}, err
	}
	value, is := p.scope.config[key]
	if !is {
		return expression{}, errors.New("uses config['" + key + "'], and stream_map_config has no " + key)
	}
	text, err := json.Marshal(value)
	return expression{constant: string(text)}, err
}

// function reads the argument of a function that is known.
func (p *parser) function(name string) (expression, error) {
	if !p.take("(") {
		return expression{field: name}, p.whole()
	}
	parts, err := p.sum()
	if err != nil || !p.take(")") {
		return expression{}, errors.Join(err, errUnsupported)
	}
	if name != "str" {
		return hashOf(parts, name == "md5")
	}
	if len(parts) != 1 || parts[0].digest != nil {
		return expression{}, errUnsupported
	}
	parts[0].text = true
	return parts[0], p.whole()
}

// hashOf is the hash of texts and at most one field, one behind the other.
func hashOf(parts []expression, md5 bool) (expression, error) {
	e := expression{digest: &typemap.Digest{MD5: md5}}
	for _, part := range parts {
		word, isText := part.word()
		switch {
		case part.digest != nil, part.field != "" && e.field != "", part.field == "" && !isText:
			return expression{}, errUnsupported
		case part.field != "":
			e.field = part.field
		case e.field == "":
			e.digest.Before += word
		default:
			e.digest.After += word
		}
	}
	if e.field == "" {
		return expression{constant: string(e.digest.JSON([]byte(`""`)))}, nil
	}
	return e, nil
}

// addTexts is a constant that is written as several.
func addTexts(parts []expression) (expression, error) {
	whole := ""
	for _, part := range parts {
		word, isText := part.word()
		if part.field != "" || !isText {
			return expression{}, errUnsupported
		}
		whole += word
	}
	return expression{constant: quoteJSON(whole)}, nil
}

// word is the text of a constant that is one, or is written as one.
func (e *expression) word() (string, bool) {
	var word string
	if !strings.HasPrefix(e.constant, `"`) {
		return e.constant, e.text && e.constant != ""
	}
	err := json.Unmarshal([]byte(e.constant), &word)
	return word, err == nil
}

// quoteJSON is a text as JSON.
func quoteJSON(text string) string {
	quoted, _ := json.Marshal(text) //nolint:errchkjson // a text always has a JSON form
	return string(quoted)
}
