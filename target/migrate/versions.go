package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

// Versions are the columns of the versions in load mode history.
type Versions struct {
	// Start is since when a version holds, End until when, Active true for the one that holds now.
	Start, End, Active string
	// FarAway lets an active version end in the year 9999, and not be NULL.
	FarAway bool
}

// farAway is that end, as PostgreSQL prints it as a default.
const farAway = "'9999-12-31 00:00:00+00'::timestamp with time zone"

// The last line of the comment of a column of the versions whose name was chosen. Those with the usual names need none.
const (
	startMark  = "start of the version, kept by target-postgres"
	endMark    = "end of the version, kept by target-postgres"
	activeMark = "whether the version is active, kept by target-postgres"
)

func usualVersions() Versions {
	return Versions{Start: StartColumn, End: EndColumn, Active: ActiveColumn}
}

// versions are the columns that the stream's versions have, by their usual names where none are set.
func (s TableSpec) versions() Versions {
	if s.Versions.Active == "" {
		return usualVersions()
	}
	return s.Versions
}

// Columns are the columns as a table needs them.
func (v Versions) Columns() []Column {
	end := Column{Name: v.End, Type: typemap.TimestampTZ}
	if v.FarAway {
		end.Clause = "DEFAULT " + farAway
	}
	columns := []Column{
		{Name: v.Start, Type: typemap.TimestampTZ, Clause: "NOT NULL DEFAULT '-infinity'"},
		end,
		{Name: v.Active, Type: typemap.Bool, Clause: "NOT NULL DEFAULT true"},
	}
	for i, mark := range v.marks() {
		columns[i].Description = mark
	}
	return columns
}

// marks are the comments of the columns, in the order start, end, active; "" for a usual name.
func (v Versions) marks() [3]string {
	var marks [3]string
	usual := usualVersions().names()
	for i, name := range v.names() {
		if name != usual[i] {
			marks[i] = [...]string{startMark, endMark, activeMark}[i]
		}
	}
	return marks
}

func (v Versions) names() [3]string { return [3]string{v.Start, v.End, v.Active} }

// versionsOf are the columns of a table's versions: those that are marked, else those with the usual names.
func versionsOf(t *pgcatalog.Table) Versions {
	found := usualVersions()
	for _, c := range t.Columns {
		switch lastLine(c.Comment) {
		case startMark:
			found.Start = c.Name
		case endMark:
			found.End = c.Name
		case activeMark, notKept:
			found.Active = c.Name
		}
	}
	return found
}

// ofVersion reports whether a comment marks a column of the versions.
func ofVersion(comment string) bool {
	return slices.Contains([]string{startMark, endMark, activeMark, notKept}, lastLine(comment))
}

func lastLine(comment string) string { return comment[strings.LastIndex(comment, "\n")+1:] }

// renameVersions gives the columns of the versions the names that are set, where the table has them under others. It
// returns the table as it is then.
func (p *Plan) renameVersions(have *pgcatalog.Table, want TableSpec) (*pgcatalog.Table, error) {
	if want.Mode != merge.History {
		return have, nil
	}
	renamed := *have
	renamed.Columns, renamed.Indexes = slices.Clone(have.Columns), slices.Clone(have.Indexes)
	names := want.versions().names()
	for i, before := range versionsOf(have).names() {
		after := names[i]
		if before == after || have.Column(before) == nil {
			continue
		}
		if err := renamable(have, before, after); err != nil {
			return nil, err
		}
		if p.Renamed == nil {
			p.Renamed = map[string]string{}
		}
		p.Renamed[before] = after
		p.Before = append(p.Before, renaming(have, before, after))
		p.Notes = append(p.Notes, fmt.Sprintf("renamed column %q of %s to %q, as history_columns says", before, have, after))
		rename(&renamed, before, after)
	}
	return &renamed, nil
}

func renaming(t *pgcatalog.Table, before, after string) string {
	return fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s TO %s", t, typemap.Quote(before), typemap.Quote(after))
}

// renamable refuses what cannot be renamed.
func renamable(have *pgcatalog.Table, before, after string) error {
	setting := fmt.Sprintf("history_columns names the column %q, which is %q in %s", after, before, have)
	switch {
	case have.Column(after) != nil:
		return &failure.Error{
			Blame: failure.Configuration, Column: after, Reason: setting + ", and the table has another column of that name",
			Hint: "choose another name, or drop the column that is not needed",
		}
	case have.Place() == merge.Foreign:
		return &failure.Error{
			Blame: failure.Configuration, Column: before, Reason: setting + ", whose rows are on another server",
			Hint: "rename the column there and here, or set history_columns to the names that the table has",
		}
	case !have.Owned:
		return &failure.Error{
			Blame: failure.Configuration, Column: before, Reason: setting + fmt.Sprintf(", and only its owner %q can rename it", have.Owner),
			Hint: "let the owner run " + renaming(have, before, after) + ", or set history_columns to the names that the table has",
		}
	}
	return nil
}

// rename gives a column of the table another name, as the server does it: indexes follow.
func rename(t *pgcatalog.Table, before, after string) {
	t.Column(before).Name = after
	for i, index := range t.Indexes {
		t.Indexes[i].Columns = slices.Clone(index.Columns)
		for n, column := range index.Columns {
			if column == before {
				t.Indexes[i].Columns[n] = after
			}
		}
		if ofActive(index, before) {
			t.Indexes[i].Predicate = after
		}
	}
}

// markVersions notes in the comments whose names were chosen that the columns are those of the versions.
func (p *Plan) markVersions(have *pgcatalog.Table, want TableSpec) {
	if want.Mode != merge.History {
		return
	}
	v := want.versions()
	names := v.names()
	for i, mark := range v.marks() {
		c := have.Column(names[i])
		if mark == "" || c == nil || c.Comment == notKept || strings.HasSuffix(c.Comment, mark) {
			continue
		}
		p.After = append(p.After, commentOn(have.String(), c.Name, strings.TrimPrefix(c.Comment+"\n"+mark, "\n")))
	}
}

// endsFarAway brings the ends of active versions to what history_end says.
func (p *Plan) endsFarAway(have *pgcatalog.Table, want TableSpec) {
	v := want.versions()
	c := have.Column(v.End)
	if want.Mode != merge.History || c == nil || have.Column(v.Active) == nil {
		return
	}
	end, active := typemap.Quote(v.End), typemap.Quote(v.Active)
	var set, where, action string
	switch ends := c.DefaultValue == farAway; {
	case v.FarAway && !ends:
		set, where, action = farAway, end+" IS NULL", "SET DEFAULT "+farAway
	case !v.FarAway && ends:
		set, where, action = "NULL", end+" = "+farAway, "DROP DEFAULT"
	default:
		return
	}
	p.fill = append(p.fill, have.Changing(fmt.Sprintf("UPDATE %s\nSET %s = %s\nWHERE %s\n  AND %s", have, end, set, active, where))...)
	if have.Owned && have.Place() != merge.Foreign {
		p.alter = append(p.alter, "ALTER COLUMN "+end+" "+action)
	}
	p.Notes = append(p.Notes, fmt.Sprintf("active versions of %s end at %s from now on, as history_end says", have, map[bool]string{true: "9999-12-31", false: "NULL"}[v.FarAway]))
}

// ofActive reports whether an index is over the rows for which the column active is true.
func ofActive(i pgcatalog.Index, active string) bool {
	name := i.Predicate
	if strings.HasPrefix(name, `"`) { // as it is printed where it has to be quoted, or where a role has its identifiers quoted
		name = strings.ReplaceAll(strings.Trim(name, `"`), `""`, `"`)
	}
	return name == active
}

// overActive reports whether an index is the one that the program makes over the active versions of a table. Of a
// chosen name it has to have the name as well: others may index by a column that is called so.
func overActive(t *pgcatalog.Table, i pgcatalog.Index, want TableSpec) bool {
	if !i.Unique {
		return false
	}
	chosen := ofActive(i, want.versions().Active) || ofActive(i, versionsOf(t).Active)
	return ofActive(i, ActiveColumn) || chosen && i.Name == activeIndex(t.Name)
}

// closing is the end of a version that ends now, if it has none.
func (v Versions) closing() string {
	end := typemap.Quote(v.End)
	if v.FarAway {
		return fmt.Sprintf("CASE WHEN %s THEN pg_catalog.now() ELSE %s END", typemap.Quote(v.Active), end)
	}
	return "coalesce(" + end + ", pg_catalog.now())"
}

// fillVersions gives the columns of versions that are no longer kept a value in the rows that come: a table from
// elsewhere may have no defaults.
func (p *Plan) fillVersions(have *pgcatalog.Table, v Versions) {
	for _, of := range [][2]string{{v.Start, "'-infinity'"}, {v.Active, "true"}} {
		if c := have.Column(of[0]); c != nil && c.NotNull && !c.Default && c.Writable() {
			p.alter = append(p.alter, "ALTER COLUMN "+typemap.Quote(of[0])+" SET DEFAULT "+of[1])
		}
	}
}
