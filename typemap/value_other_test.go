package typemap

import "testing"

func TestBooleans(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: Bool}, PlanOptions{}, []stored{
		{`true`, `t`, `true`},
		{`false`, `f`, `false`},
		{`"true"`, `t`, `true`},
		{`"FALSE"`, `f`, `false`},
		{`"t"`, `t`, `true`},
		{`1`, `t`, `true`},
		{`1.0`, `t`, `true`},
		{`0`, `f`, `false`},
		{`-0`, `f`, `false`},
		{`"1"`, `t`, `true`},
		{`"0"`, `f`, `false`},
		{`" Yes\t"`, `t`, `true`},
		{`"Y"`, `t`, `true`},
		{`"on"`, `t`, `true`},
		{`"tr"`, `t`, `true`},
		{`"No"`, `f`, `false`},
		{`"of"`, `f`, `false`},
		{`"\u0066als"`, `f`, `false`},
		{`null`, ``, `null`},
	})
	refuses(t, Column{Type: Bool}, PlanOptions{}, []refused{
		{`2`, "the number is not a boolean", "text"},
		{`-1`, "the number is not a boolean", "text"},
		{`0.5`, "the number is not a boolean", "text"},
		{`NaN`, "the number is not a boolean", "text"},
		{`"o"`, "none of PostgreSQL's words", "text"},
		{`"01"`, "none of PostgreSQL's words", "text"},
		{`"yess"`, "none of PostgreSQL's words", "text"},
		{`""`, "none of PostgreSQL's words", "text"},
		{`{}`, "an object, not true or false", "jsonb"},
		{`[true]`, "an array, not true or false", "jsonb"},
	})
}

func TestUUIDsOfEverySpellingAreOne(t *testing.T) {
	t.Parallel()
	const want = `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`
	var cases []stored
	for _, json := range []string{
		want, `"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"`, `"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"`,
		`"a0eebc999c0b4ef8bb6d6bb9bd380a11"`, `"a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11"`,
		`"{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}"`, `"urn:uuid:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`,
		`"\u00610eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`,
	} {
		cases = append(cases, stored{json, want, ""})
	}
	stores(t, Column{Type: UUID}, PlanOptions{}, cases)
	refuses(t, Column{Type: UUID}, PlanOptions{}, []refused{
		{`"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1"`, "not a uuid", "text"},
		{`"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111"`, "not a uuid", "text"},
		{`"a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11"`, "not a uuid", "text"},
		{`"-a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, "not a uuid", "text"},
		{`"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-"`, "not a uuid", "text"},
		{`"g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, "not a uuid", "text"},
		{`"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, "not a uuid", "text"},
		{`"abc"`, "not a uuid", "text"},
		{`""`, "not a uuid", "text"},
		{`7`, "a number, not a uuid", "text"},
		{`{}`, "an object, not a uuid", "jsonb"},
	})
}

func TestBytesAreDecoded(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: Bytea, Encoding: "base64"}, PlanOptions{}, []stored{
		{`"aGVsbG8="`, `"\x68656c6c6f"`, ``},
		{`"aGVsbG8"`, `"\x68656c6c6f"`, ``},
		{`"+/+/"`, `"\xfbffbf"`, ``},
		{`"-_-_"`, `"\xfbffbf"`, ``},
		{`"-_8="`, `"\xfbff"`, ``},
		{`"aGVs\r\nbG8=\n"`, `"\x68656c6c6f"`, ``},
		{`""`, `"\x"`, ``},
		{`null`, ``, `null`},
	})
	refuses(t, Column{Type: Bytea, Encoding: "base64"}, PlanOptions{}, []refused{
		{`"a"`, "not base64", ""},
		{`"a*b="`, "not base64", ""},
		{`"aG=V"`, "not base64", ""},
		{`"+_+_"`, "not base64", ""},
		{`5`, "a number", ""},
		{`{}`, "an object", ""},
	})
	stores(t, Column{Type: Bytea, Encoding: "base16"}, PlanOptions{}, []stored{
		{`"00FFab"`, `"\x00ffab"`, ``},
		{`"0x00ff"`, `"\x00ff"`, ``},
		{`"\\x00ff"`, `"\x00ff"`, ``},
		{`""`, `"\x"`, ``},
	})
	refuses(t, Column{Type: Bytea, Encoding: "base16"}, PlanOptions{}, []refused{
		{`"abc"`, "not base16", ""},
		{`"zz"`, "not base16", ""},
	})
	stores(t, Column{Type: Bytea}, PlanOptions{}, []stored{
		{`"\\x6869"`, `"\x6869"`, ``},
		{`"\\x6"`, `"\x5c7836"`, ``},
		{`"hi\\"`, `"\x68695c"`, ``},
		{`"é"`, `"\xc3a9"`, ``},
	})
}

func TestArraysOfOtherLoadersTables(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: ParseType("text[]"), Want: JSONB}, PlanOptions{}, []stored{
		{`["a","b c"]`, `"{""a"",""b c""}"`, `{a,"b c"}`},
		{`[]`, `"{}"`, ``},
		{`[ ]`, `"{}"`, ``},
		{`["",null,"NULL"]`, `"{"""",NULL,""NULL""}"`, `{"",NULL,"NULL"}`},
		{`[ "a\"b" , "c\\d", "e,f}" ]`, `"{""a\""b"",""c\\d"",""e,f}""}"`, `{"a\"b","c\\d","e,f}"}`},
		{`["\n{é}"]`, "\"{\"\"\n{é}\"\"}\"", "{\"\n{é}\"}"},
		{`[1,true,{"k":"v\"w"},["x"]]`, `"{""1"",""true"",""{\""k\"":\""v\\\""w\""}"",""[\""x\""]""}"`, `{1,true,"{\"k\":\"v\\\"w\"}","[\"x\"]"}`},
		{`null`, ``, `null`},
	})
	stores(t, Column{Type: ParseType("bigint[]")}, PlanOptions{}, []stored{
		{`[1,-2,9223372036854775807,3.0,null]`, `"{1,-2,9223372036854775807,3,NULL}"`, `{1,-2,9223372036854775807,3,NULL}`},
	})
	stores(t, Column{Type: ParseType("boolean[]")}, PlanOptions{}, []stored{{`[true,false]`, `"{t,f}"`, ``}})
	stores(t, Column{Type: ParseType("numeric(5,2)[]")}, PlanOptions{}, []stored{{`[1.5]`, `"{1.5}"`, `{1.50}`}})
	stores(t, Column{Type: ParseType("jsonb[]")}, PlanOptions{}, []stored{
		{`[{"a":["b"]},"s",1,null]`, `"{""{\""a\"":[\""b\""]}"",""\""s\"""",""1"",NULL}"`, `{"{\"a\": [\"b\"]}","\"s\"",1,NULL}`},
	})
	stores(t, Column{Type: ParseType("timestamp with time zone[]")}, PlanOptions{}, []stored{
		{`["2020-01-01T00:00:00+05:00"]`, `"{""2020-01-01T00:00:00+05:00""}"`, `{"2019-12-31 19:00:00+00"}`},
	})
	stores(t, Column{Type: ParseType("bigint[]")}, PlanOptions{}, []stored{
		{`"{1,NULL}"`, `"{1,NULL}"`, ``},
		{`" { {1,2} , {3,4} } "`, `" { {1,2} , {3,4} } "`, `{{1,2},{3,4}}`},
		{`"[0:1]={1,2}"`, `"[0:1]={1,2}"`, `[0:1]={1,2}`},
	})
	stores(t, Column{Type: ParseType("text[]")}, PlanOptions{}, []stored{{`"{\"a\",\"b\nc\"}"`, "\"{\"\"a\"\",\"\"b\nc\"\"}\"", "{a,\"b\nc\"}"}})
	for _, name := range []string{"xid8[]", "name[]", "numeric(5,2)[]"} {
		refuses(t, Column{Type: ParseType(name)}, PlanOptions{}, []refused{{`"{1}"`, "the text is not an array", "jsonb"}})
	}
	refuses(t, Column{Type: ParseType("bigint[]")}, PlanOptions{}, []refused{
		{`[1,2.5]`, "in element 2, the number is not whole", "jsonb"},
		{`["secret value"]`, "in element 1, the text is not", "jsonb"},
		{`[[1]]`, "in element 1, the value is an array", "jsonb"},
		{`"[1]"`, "the text is not an array", "jsonb"},
		{`{"a":1}`, "an object, not an array", "jsonb"},
		{`7`, "a number, not an array", "jsonb"},
	})
}
