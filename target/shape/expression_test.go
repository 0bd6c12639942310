package shape

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"target-postgres/typemap"
)

// shown is an expression as text.
func shown(e expression) string {
	text := e.constant
	if e.field != "" {
		text = "<" + e.field + ">"
	}
	if e.text {
		text = "str " + text
	}
	if e.digest != nil {
		text = fmt.Sprintf("md5=%v %q %s %q", e.digest.MD5, e.digest.Before, text, e.digest.After)
	}
	return text
}

func TestExpressionsWithoutPythonAreUnderstood(t *testing.T) {
	t.Parallel()
	in := scope{stream: "users", self: "own", config: map[string]any{"seed": "s", "n": 5, "k-k": "d"}}
	for text, want := range map[string]string{
		"email":                        "<email>",
		" self ":                       "<own>",
		"record['a-b']":                "<a-b>",
		`_["a"]`:                       "<a>",
		"_.a":                          "<a>",
		"é_ü":                          "<é_ü>",
		"md5":                          "<md5>",
		"'it\\'s'":                     `"it's"`,
		`"a" + 'b'`:                    `"ab"`,
		"''":                           `""`,
		"5":                            "5",
		"-1.5":                         "-1.5",
		"True":                         "true",
		"None":                         "null",
		"config['seed']":               `"s"`,
		"config.n":                     "5",
		"config['k-k']":                `"d"`,
		"__stream_name__":              `"users"`,
		"str(id)":                      "str <id>",
		"md5(email)":                   `md5=true "" <email> ""`,
		"sha256( str( id ) )":          `md5=false "" <id> ""`,
		"md5(config['seed'] + email)":  `md5=true "s" <email> ""`,
		"md5(email+config.seed+'x')":   `md5=true "" <email> "sx"`,
		"md5('a' + record['b'] + 'c')": `md5=true "a" <b> "c"`,
		"md5(str(config.n) + self)":    `md5=true "5" <own> ""`,
	} {
		e, err := parse(text, in)
		if got := shown(e); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestAHashOfAConstantIsAConstant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"md5('a' + 'b')": fmt.Sprintf(`"%x"`, md5.Sum([]byte("ab"))), "sha256('x')": fmt.Sprintf(`"%x"`, sha256.Sum256([]byte("x"))),
	} {
		if e, err := parse(text, scope{}); err != nil || e.constant != want || e.field != "" {
			t.Errorf("%s is %+v, %v", text, e, err)
		}
	}
}

func TestExpressionsThatNeedPythonAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "email.lower()", "email[:3]", "fake.name()", "a + b", "a + 'x'", "1 + 2", "md5(a + b)", "md5(md5(a))", "md5(1)", "md5()", "md5(a", "md5(a))",
		"int(a)", "float(a)", "a if b else c", "a and b", "not a", "a == 1", "'a", "'a\\n'", "[1]", "{}", "config", "config[x]", "record", "owner['city']", "datetime.date.today()",
		"f'x'", "a b", "-", "1.2.3", "lambda: 1", "config['missing']", "str(a + 'b')", "str(a).strip()", "a;b", "a#b",
	} {
		if e, err := parse(text, scope{config: map[string]any{"seed": "s"}}); err == nil {
			t.Errorf("%s is %s", text, shown(e))
		}
	}
}

func TestAStreamMapMakesTheFields(t *testing.T) {
	t.Parallel()
	fields := []typemap.Field{{Name: "id", Type: typemap.BigInt}, {Name: "a", Type: typemap.Numeric}, {Name: "b", Type: typemap.Text}}
	for _, c := range []struct {
		name string
		m    map[string]any
		want string
		left string
	}{
		{"nothing", map[string]any{}, "id=id bigint, a=a numeric, b=b text", ""},
		{"a copy beside its source", map[string]any{"c": "a"}, "id=id bigint, a=a numeric, b=b text, c=a numeric", ""},
		{"a rename", map[string]any{"c": "a", "a": nil}, "id=id bigint, b=b text, c=a numeric", "a"},
		{"a swap", map[string]any{"a": "b", "b": "a"}, "id=id bigint, a=b numeric, b=a text", ""},
		{"only what is named, and the key", map[string]any{"__else__": nil, "b": "b"}, "id=id bigint, b=b text", "a"},
		{"constants", map[string]any{"a": "5", "z": "'x'"}, `id=id bigint, a:5 numeric, b=b text, z:"x" text`, ""},
		{"as text", map[string]any{"a": "str(a)"}, "id=id bigint, a=a text, b=b text", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := NewStreamMap("s", c.m, "s", nil)
			if err != nil {
				t.Fatal(err)
			}
			kept, left, err := m.apply(fields, []string{"id"})
			if err != nil {
				t.Fatal(err)
			}
			var got, gone []string
			for _, f := range kept {
				from := "=" + strings.Join(f.At(), "/")
				if f.Constant != "" {
					from = ":" + f.Constant
				}
				got = append(got, f.Name+from+" "+f.Type.Name)
			}
			for _, f := range left {
				gone = append(gone, f.Name)
			}
			if strings.Join(got, ", ") != c.want || strings.Join(gone, ",") != c.left {
				t.Errorf("fields %s without %s", strings.Join(got, ", "), gone)
			}
		})
	}
}
