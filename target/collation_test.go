package target_test

import (
	"testing"

	"target-postgres/internal/pgtest"
)

// caseless makes a collation to which case means nothing. A server without ICU has none.
func (d *database) caseless() {
	d.t.Helper()
	if d.one("SELECT count(*) > 0 FROM pg_collation WHERE collprovider = 'i'") != "t" {
		d.t.Skip("the server is built without ICU")
	}
	d.run(`CREATE COLLATION "no case" (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`)
}

func TestAKeyOfACollationThatIgnoresCaseFoldsCase(t *testing.T) {
	t.Parallel()
	const properties = `{"id":{"type":"string"},"v":{"type":["null","string"]}}`
	for mode, want := range map[string][]string{
		"upsert":      {"ANNA | Two | t", "bert | Y | t"},
		"soft_delete": {"ANNA | Two | t", "bert | Y | t"},
		"history":     {"ANNA | Two | t", "ANNA | one | f", "ANNA | two | f", "bert | Y | t", "bert | x | f", "bert | y | f"},
		"replace":     {"ANNA | Two | t", "bert | Y | t"},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.caseless()
			more := map[string]string{
				"soft_delete": ", _singular_deleted boolean NOT NULL DEFAULT false",
				"history":     ", _singular_start timestamptz NOT NULL DEFAULT '-infinity', _singular_end timestamptz, _singular_active boolean NOT NULL DEFAULT true",
			}[mode]
			d.run(`CREATE TABLE t (id text COLLATE "no case" NOT NULL, v text COLLATE "no case"` + more + ")")
			as := settings{"load_mode": mode}
			d.mustLoad(as, schemaOf("t", properties, "id"),
				record("t", `{"id":"Anna","v":"one"}`), record("t", `{"id":"anna","v":"two"}`), record("t", `{"id":"Bert","v":"x"}`), record("t", `{"id":"BERT","v":"y"}`))
			d.mustLoad(as, schemaOf("t", properties, "id"),
				record("t", `{"id":"ANNA","v":"Two"}`), record("t", `{"id":"bert","v":"Y"}`))
			active := map[string]string{"soft_delete": "NOT _singular_deleted", "history": "_singular_active"}[mode]
			if active == "" {
				active = "true"
			}
			// The spelling of a key is that of its first record.
			d.want(`SELECT CASE WHEN id = 'anna' THEN 'ANNA' ELSE 'bert' END, v, `+active+` FROM t ORDER BY 1, v COLLATE "C"`, want...)
		})
	}
}

func TestAFullSnapshotKnowsAKeyInAnyCase(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.caseless()
	d.run(`CREATE TABLE t (id text COLLATE "no case" PRIMARY KEY, v text); INSERT INTO t VALUES ('ANNA', 'old'), ('BERT', 'old')`)
	d.mustLoad(settings{"full_snapshot": true, "load_mode": "upsert", "hard_delete": true},
		schemaOf("t", `{"id":{"type":"string"},"v":{"type":"string"}}`, "id"), record("t", `{"id":"anna","v":"a"}`), record("t", `{"id":"Anna","v":"b"}`))
	d.want("SELECT id, v FROM t", "ANNA | b")
}

func TestAColumnKeepsItsCollationWhenItGrows(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run(`CREATE TABLE t (id bigint PRIMARY KEY, v varchar(3) COLLATE "C"); INSERT INTO t VALUES (1, 'abc')`)
	d.mustLoad(nil, schemaOf("t", idAndText, "id"), record("t", `{"id":2,"v":"longer"}`))
	d.want("SELECT format_type(atttypid, atttypmod), attcollation::regcollation FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'v'", `text | "C"`)
}

// TestTheLocaleOfTheDatabaseChangesNothing loads into databases that sort, and change case, unlike English.
func TestTheLocaleOfTheDatabaseChangesNothing(t *testing.T) {
	t.Parallel()
	if pgtest.ConnectTo(t, pgtest.URL(t)).PgConn().ParameterStatus("server_version") < "15" {
		t.Skip("before PostgreSQL 15 a database has no locale of ICU")
	}
	if look(t).one("SELECT count(*) > 0 FROM pg_collation WHERE collprovider = 'i'") != "t" {
		t.Skip("the server is built without ICU")
	}
	const properties = `{"ID":{"type":"string"},"title":{"type":"string"},"İ":{"type":"integer"},"AT":{"type":"string","format":"date-time"}}`
	for _, locale := range []string{"tr-TR", "de-u-co-phonebk", "ja"} {
		for _, mode := range []string{"append", "replace", "upsert", "history", "soft_delete"} {
			t.Run(locale+" "+mode, func(t *testing.T) {
				t.Parallel()
				url := pgtest.Database(t, "template template0 encoding 'UTF8' locale_provider icu icu_locale '"+locale+"' locale 'C'")
				d := lookInto(t, "public", url)
				as := settings{"url": url, "load_mode": mode}
				for range 2 {
					d.mustLoad(as, schemaOf("TITLE", properties, "ID"),
						record("TITLE", `{"ID":"I","title":"ı","İ":1,"AT":"2020-01-01T00:00:00Z"}`), record("TITLE", `{"ID":"i","title":"I","İ":2,"AT":"2020-01-01T00:00:00Z"}`),
						record("TITLE", `{"ID":"ß","title":"ss"}`), record("TITLE", `{"ID":"ss","title":"ß"}`))
				}
				want := []string{"I | ı | 1", "i | I | 2", "ss | ß | ∅", "ß | ss | ∅"}
				if mode == "append" {
					want = []string{"I | ı | 1", "I | ı | 1", "i | I | 2", "i | I | 2", "ss | ß | ∅", "ss | ß | ∅", "ß | ss | ∅", "ß | ss | ∅"}
				}
				d.want(`SELECT "ID", title, "İ" FROM "TITLE" ORDER BY "ID" COLLATE "C"`, want...)
			})
		}
	}
}
