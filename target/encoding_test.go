package target_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
	"target-postgres/target/failure"
)

// encoded is a test's look into a database of another encoding, with the settings to load into it.
func encoded(t *testing.T, encoding string) (*database, settings) {
	t.Helper()
	url := pgtest.Database(t, "template template0 encoding '"+encoding+"' locale 'C'")
	d := lookInto(t, "public", url)
	d.run("SET client_encoding TO 'UTF8'")
	return d, settings{"url": url}
}

const textAndAny = `{"id":{"type":"integer"},"v":{"type":["null","string"]},"j":{}}`

func TestADatabaseOfAnotherEncodingStoresWhatItCan(t *testing.T) {
	t.Parallel()
	const european, japanese, elephant = `na\u00efve Zoë`, `日本 \u8a9e`, `🐘 \ud83d\udc18`
	for encoding, texts := range map[string][]string{
		"LATIN1": {european}, "WIN1252": {european, `€ \u201cquoted\u201d`}, "EUC_JP": {japanese}, "SQL_ASCII": {european, japanese, elephant},
	} {
		for _, mode := range []string{"append", "replace", "upsert", "history", "soft_delete"} {
			t.Run(encoding+" "+mode, func(t *testing.T) {
				t.Parallel()
				d, as := encoded(t, encoding)
				as["load_mode"] = mode
				messages := []string{schemaOf("t", textAndAny, "id")}
				var want []string
				plain := strings.NewReplacer(`\u00ef`, "ï", `\u201c`, "“", `\u201d`, "”", `\u8a9e`, "語", `\ud83d\udc18`, "🐘")
				for i, text := range texts {
					// What looks like an escape in a text is none, and one of ASCII stays one in JSON.
					messages = append(messages, record("t", strings.NewReplacer("N", strconv.Itoa(i), "TEXT", text).Replace(`{"id":N,"v":"TEXT \\u0041","j":{"TEXT":"TEXT \\u0041\u0022\n"}}`)))
					want = append(want, strings.NewReplacer("N", strconv.Itoa(i), "TEXT", plain.Replace(text)).Replace(`N | TEXT \u0041 | {"TEXT": "TEXT \\u0041\"\n"}`))
				}
				d.mustLoad(as, messages...)
				d.want("SELECT id, v, j FROM t ORDER BY id", want...)
			})
		}
	}
}

func TestACharacterThatTheEncodingLacksIsNamedByItsPlace(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"v": `{"id":2,"v":"SECRET 日本","j":"é"}`, "j": `{"id":2,"v":"é","j":["SECRET \u65e5"]}`, "v by an escape": `{"id":2,"v":"SECRET \ud83d\udc18"}`,
	} {
		for _, encoding := range []string{"LATIN1", "WIN1252"} {
			t.Run(name+" in "+encoding, func(t *testing.T) {
				t.Parallel()
				d, as := encoded(t, encoding)
				states, err := load(t, newConfig(t, d.schema, as), schemaOf("t", textAndAny, "id"), record("t", `{"id":1,"v":"é\né"}`), stateOf("1"),
					record("t", bad), record("t", `{"id":3}`), stateOf("2"))
				refused(t, err, failure.Row, "input line 4", `stream "t"`, `column "`+name[:1]+`"`, "encoding lacks", "UTF8", "on_bad_record")
				if err != nil && (strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "日")) {
					t.Errorf("the value leaves through %q", err)
				}
				if len(states) != 1 || states[0] != "1" {
					t.Errorf("the states are %q, want what stood before the bad record", states)
				}
				d.want("SELECT id, v FROM t", "1 | é\né")
			})
		}
	}
}

func TestARecordIsRejectedForACharacterThatTheEncodingLacks(t *testing.T) {
	t.Parallel()
	d, as := encoded(t, "LATIN1")
	as["on_bad_record"] = "reject"
	d.mustLoad(as, schemaOf("t", textAndAny, "id"), record("t", `{"id":1,"v":"é"}`),
		record("t", `{"id":2,"v":"日 é 🐘","j":["日"]}`), record("t", `{"id":3,"j":{"k":"\u65e5"}}`), record("t", `{"id":4.5,"v":"日 é"}`), record("t", `{"id":5,"v":"ï"}`))
	d.want("SELECT id, v FROM t ORDER BY id", "1 | é", "5 | ï")
	d.want("SELECT line, reason ~ 'column \"(v|j|id)\"', record ->> 'v', record ->> 'j' FROM _singular_rejected ORDER BY line",
		`3 | t | \u65e5 \u00e9 \U0001f418 | ["\u65e5"]`, `4 | t | ∅ | {"k":"\u65e5"}`, `5 | t | \u65e5 \u00e9 | ∅`)
}

func TestWhatStandsForAnotherCharacterIsAQuestionMarkWhereTheEncodingHasNothingBetter(t *testing.T) {
	t.Parallel()
	for encoding, mark := range map[string]string{"LATIN1": "?", "EUC_JP": "?", "SQL_ASCII": "\uFFFD"} {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			d, as := encoded(t, encoding)
			d.mustLoad(as, schemaOf("t", textAndAny, "id"), record("t", `{"id":1,"v":"a\u0000b","j":{"k":"\ud800"}}`))
			d.want("SELECT v, j FROM t", fmt.Sprintf(`a%[1]sb | {"k": "%[1]s"}`, mark))
		})
	}
}

func TestANameThatTheEncodingLacksIsNamed(t *testing.T) {
	t.Parallel()
	d, as := encoded(t, "LATIN1")
	err := d.load(as, schemaOf("日本", textAndAny, "id"))
	refused(t, err, failure.Configuration, `stream "日本"`, "the name of", "encoding lacks", "UTF8", `streams: {"日本": {"table": "…"}}`)
	err = d.load(as, schemaOf("t", `{"id":{"type":"integer"},"語":{"type":"string"}}`, "id"))
	refused(t, err, failure.Configuration, `stream "t"`, `column "語"`, "encoding lacks", "UTF8")
	elsewhere := newConfig(t, "日本", as)
	_, err = load(t, elsewhere, schemaOf("t", textAndAny, "id"))
	refused(t, err, failure.Configuration, `stream "t"`, "the name of", "encoding lacks")
	d.want("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "0")
}

func TestNoCommentIsWorthAFailure(t *testing.T) {
	t.Parallel()
	d, as := encoded(t, "LATIN1")
	as["streams"] = map[string]any{"日本": map[string]any{"table": "t"}}
	d.mustLoad(as, schemaOf("日本", `{"id":{"type":"integer","description":"a number – 番号"}}`, "id"), record("日本", `{"id":1}`))
	d.want("SELECT id FROM t", "1")
	d.want("SELECT col_description('t'::regclass, 1)", "a number ? ??")
}
