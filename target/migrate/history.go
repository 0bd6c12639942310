package migrate

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"target-postgres/merge"
	"target-postgres/target/comments"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// A table may leave load mode history and come back. Its active versions are the rows then; the closed ones are moved
// to a table of their own, so that nothing is lost. The columns of the versions stay, for views that use them, and the
// comment of one says that they are no longer kept. (docs/adr/0019-keys-and-modes-that-change.md)

// notKept is that comment.
const notKept = "not kept: the load mode is no longer history"

// versions takes a table into load mode history or out of it.
func (p *Plan) versions(have *pgcatalog.Table, want TableSpec) error {
	v := versionsOf(have)
	active := have.Column(v.Active)
	kept := active != nil && active.Comment != notKept
	switch {
	case want.Mode == merge.History && !kept:
		if active != nil {
			p.After = append(p.After, commentOn(have.String(), active.Name, want.versions().marks()[2]))
		}
		if have.Column(DeletedColumn) != nil {
			v = want.versions()
			p.After = append(p.After, have.Changing(fmt.Sprintf("UPDATE %s\nSET %s = greatest(%s, %s),\n    %s = false\nWHERE %s",
				have, typemap.Quote(v.End), v.closing(), typemap.Quote(v.Start), typemap.Quote(v.Active), typemap.Quote(DeletedColumn)))...)
		}
	case want.Mode != merge.History && kept:
		return p.leaveVersions(have, want)
	}
	return nil
}

func (p *Plan) leaveVersions(have *pgcatalog.Table, want TableSpec) error {
	if have.Place() != merge.Here || !have.Owned {
		return &failure.Error{
			Blame: failure.Configuration, Reason: fmt.Sprintf("%s holds the versions of load mode history, and the load mode is %s now", have, want.Mode),
			Hint: "load into another table with " + config.StreamSetting(want.Stream, "table", `"…"`) + ", or set load_mode back to history",
		}
	}
	if want.Mode == merge.SoftDelete {
		p.Leave = append(p.Leave, have.Changing(removedOf(have, want))...)
	}
	v := versionsOf(have)
	active := v.Active
	p.Active = active
	p.fillVersions(have, v)
	at := strings.Replace(time.Now().UTC().Format("20060102150405.000000"), ".", "_", 1) // twice within a second is not the same time
	closed := pgtx.Qualified(have.Schema, typemap.Identifier(have.Name+"_singular_closed_"+at))
	p.Leave = append(p.Leave,
		fmt.Sprintf("CREATE TABLE %s (LIKE %s)", closed, have),
		fmt.Sprintf("REVOKE ALL ON TABLE %s FROM %s CASCADE", closed, strings.Join(append([]string{"PUBLIC"}, want.Defaults[have.Schema]...), ", ")),
		fmt.Sprintf("COMMENT ON TABLE %s IS %s", closed, pgtx.Literal("Closed versions of "+have.String()+", "+comments.MadeByUs)))
	p.Leave = append(p.Leave,
		have.Changing(fmt.Sprintf("WITH closed AS (\n    DELETE FROM %s\n    WHERE NOT %s\n    RETURNING *\n)\nINSERT INTO %s\nSELECT *\nFROM closed",
			have, typemap.Quote(active), closed))...)
	p.After = append(p.After, commentOn(have.String(), active, notKept))
	p.Warnings = append(p.Warnings, fmt.Sprintf("%s holds the versions of load mode history, and the load mode is %s now: "+
		"active versions stay, closed ones are moved to %s", have, want.Mode, closed))
	return nil
}

//go:embed sql/removed.sql
var removedSQL string

// removedOf is the statement that keeps the last version of every key that has no active one, as a row that is marked
// deleted.
func removedOf(t *pgcatalog.Table, want TableSpec) string {
	v := versionsOf(t)
	return strings.NewReplacer("$table", t.String(), "$key", pgtx.QuoteAll(want.Key), "$active", typemap.Quote(v.Active),
		"$end", typemap.Quote(v.End), "$start", typemap.Quote(v.Start), "$deleted", typemap.Quote(DeletedColumn)).Replace(removedSQL)
}

// asGuest leaves out the statements that only the owner of a table may run and that the rows can do without. Those that
// the rows need stay in, for the server to refuse.
func (p *Plan) asGuest(have *pgcatalog.Table) {
	if len(p.alter) > 0 {
		return
	}
	only := fmt.Sprintf("only its owner %q can", have.Owner)
	for _, u := range p.Unkey {
		if u.note != "" {
			what := strings.TrimPrefix(u.note, "dropped ")
			what, _, _ = strings.Cut(what, ":")
			p.Notes = append(p.Notes, fmt.Sprintf("%s stays, and rows that repeat it are refused: %s drop it", what, only))
		}
	}
	if len(p.Rekey) > 0 {
		p.Keyless = only + " make one"
	}
	p.Unkey, p.Rekey, p.After = nil, nil, nil
	p.Notes = slices.DeleteFunc(p.Notes, func(note string) bool { return strings.HasSuffix(note, noLongerDeprecated) })
}
