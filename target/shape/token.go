package shape

import "strings"

// tokenize cuts an expression into names, numbers, quoted texts and signs.
func tokenize(text string) ([]string, error) {
	var tokens []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := tokenLength(text)
		if n == 0 {
			return nil, errUnsupported
		}
		tokens, text = append(tokens, text[:n]), text[n:]
	}
	return tokens, nil
}

// tokenLength is the length of the first token, 0 for what is none.
func tokenLength(text string) int {
	switch c := text[0]; {
	case c == '\'' || c == '"':
		return quotedLength(text)
	case strings.IndexByte("()[].+", c) >= 0:
		return 1
	case c == '-' || c >= '0' && c <= '9':
		n := 1
		for n < len(text) && strings.IndexByte("0123456789.eE", text[n]) >= 0 {
			n++
		}
		return n
	}
	n := 0
	for n < len(text) && isNameByte(text[n]) {
		n++
	}
	return n
}

// quotedLength is the length of a quoted text with its quotes, 0 for one without an end. Escapes other than those of a
// quote and a backslash are not known.
func quotedLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			if i++; i == len(text) || strings.IndexByte(`\'"`, text[i]) < 0 {
				return 0
			}
		case text[0]:
			return i + 1
		}
	}
	return 0
}

// unquote is what a quoted text says.
func unquote(token string) string {
	var b strings.Builder
	for i := 1; i < len(token)-1; i++ {
		if token[i] == '\\' {
			i++
		}
		b.WriteByte(token[i])
	}
	return b.String()
}

// isName reports whether a token is a name. Letters beyond ASCII count as such.
func isName(token string) bool {
	return token != "" && isNameByte(token[0]) && (token[0] < '0' || token[0] > '9')
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
