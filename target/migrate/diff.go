package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Diff compares a table with what a stream needs of it. have is nil when there is no such table.
func Diff(have *pgcatalog.Table, want TableSpec, policy config.MigrationPolicy) (*Plan, error) {
	p := &Plan{}
	if have == nil {
		return p, p.create(want, policy)
	}
	if view, is := map[pgcatalog.RelationKind]string{pgcatalog.View: "a view", pgcatalog.MaterializedView: "a materialized view"}[have.Kind]; is {
		return nil, &failure.Error{
			Blame: failure.Configuration, Reason: fmt.Sprintf("%s is %s", have, view),
			Hint: "rename the view" + want.Elsewhere(),
		}
	}
	if err := trusted(have, want); err != nil {
		return nil, err
	}
	if err := notAPartition(have, want); err != nil {
		return nil, err
	}
	have, err := p.renameVersions(have, want)
	if err != nil {
		return nil, err
	}
	if err := fitPlace(have, want); err != nil {
		return nil, err
	}
	if err := p.columns(have, want, policy); err != nil {
		return nil, err
	}
	if err := countColumns(len(have.Columns), p.Added); err != nil {
		return nil, err
	}
	p.describe(have, want)
	p.keys(have, want)
	if err := p.missing(have, want, policy); err != nil {
		return nil, err
	}
	p.takeNulls(have, want)
	p.marks(have, want)
	p.markVersions(have, want)
	p.endsFarAway(have, want)
	if want.Closed {
		p.revoke(have.String(), have.Granted)
	}
	if err := p.versions(have, want); err != nil {
		return nil, err
	}
	if !have.Owned {
		p.asGuest(have)
	}
	if err := alterable(have, p); err != nil {
		return nil, err
	}
	return p, nil
}

// trusted refuses a table of the program's own that another role has made under its name, in a schema in which others
// may create: a trigger of theirs would run as the role. A stream's table may have any owner.
func trusted(have *pgcatalog.Table, want TableSpec) error {
	if !want.Own && !want.Closed || !have.Untrusted || have.Owner == want.Beside {
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Reason: fmt.Sprintf("%s belongs to role %q, who could have code run as the loader", have, have.Owner),
		Hint: "drop the table if it is not needed, or give it to the role that loads: ALTER TABLE " + have.String() + " OWNER TO …",
	}
}

// create makes the table of a new stream.
func (p *Plan) create(want TableSpec, policy config.MigrationPolicy) error {
	t := pgtx.Qualified(want.Schema, want.Name)
	switch policy.NewStreams {
	case config.FailNewStreams:
		return &failure.Error{
			Blame: failure.Configuration, Reason: fmt.Sprintf("table %s does not exist and migration_policy.new_streams is fail", t),
			Hint: "create the table, leave the stream out of the selection, or set new_streams to activate",
		}
	case config.SkipNewStreams:
		p.Notes = append(p.Notes, fmt.Sprintf("skipped: table %s does not exist and migration_policy.new_streams is skip", t))
		return nil
	}
	if err := countColumns(0, len(want.Columns)); err != nil {
		return err
	}
	lines := make([]string, 0, len(want.Columns)+1)
	for _, c := range want.Columns {
		line := typemap.Quote(c.Name) + " " + c.Type.DDL()
		for _, clause := range []string{c.Clause, c.ClauseIfNew} {
			if clause != "" {
				line += " " + clause
			}
		}
		if want.needsValue(c) {
			line += " NOT NULL"
		}
		lines = append(lines, line)
	}
	if want.Like != "" {
		lines = []string{want.Like}
	}
	key := ""
	if len(want.Key) > 0 {
		key = ", key (" + strings.Join(want.Key, ", ") + ")"
		if want.oneRowAKey() {
			lines = append(lines, want.keyword()+" ("+pgtx.QuoteAll(want.uniqueOver(nil))+")")
		}
	}
	p.Creates = true
	p.Before = append(p.Before, "CREATE TABLE "+t+" (\n    "+strings.Join(lines, ",\n    ")+"\n)"+want.partitionClause())
	if comment := want.comment(); comment != "" {
		p.After = append(p.After, fmt.Sprintf("COMMENT ON TABLE %s IS %s", t, pgtx.Literal(comment)))
	}
	for _, c := range want.Columns {
		if c.Description != "" {
			p.After = append(p.After, commentOn(t, c.Name, c.Description))
		}
	}
	if want.Closed || want.ClosedIfNew {
		p.revoke(t, want.Defaults[want.Schema])
	}
	for _, role := range want.Readers {
		p.After = append(p.After,
			fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s", typemap.Quote(want.Schema), typemap.Quote(role)),
			fmt.Sprintf("GRANT SELECT ON %s TO %s", t, typemap.Quote(role)))
	}
	p.historyIndexes(want, nil)
	if want.AfterCreate != "" {
		p.AfterCreate = expandAfterCreate(want.AfterCreate, want.Schema, want.Name)
	}
	p.Notes = append(p.Notes, fmt.Sprintf("created table %s with %d columns%s", t, len(want.Columns), key))
	p.partitioned(want)
	p.indexesOf(want)
	return nil
}

// revoke closes a table to roles.
func (p *Plan) revoke(t string, roles []string) {
	if len(roles) > 0 {
		p.After = append(p.After, fmt.Sprintf("REVOKE ALL ON TABLE %s FROM %s CASCADE", t, strings.Join(roles, ", ")))
	}
}

// columns adds the columns that are new, widens those that are too narrow and unmarks those that returned.
func (p *Plan) columns(have *pgcatalog.Table, want TableSpec, policy config.MigrationPolicy) error {
	for _, c := range want.Columns {
		existing := have.Column(c.Name)
		if existing == nil {
			if err := p.add(have, c, policy); err != nil {
				return err
			}
			continue
		}
		if c.Field == "" && !onRequest(c.Name) || !existing.Writable() {
			continue
		}
		comment, marked := withoutDeprecation(existing.Comment)
		if marked {
			p.Notes = append(p.Notes, fmt.Sprintf("column %q of %s %s", c.Name, have, noLongerDeprecated))
		}
		comment = p.typed(have, existing, p.hashing(have, comment, c), c)
		if comment = c.named(have, c.described(comment)); comment != existing.Comment {
			p.After = append(p.After, commentOn(have.String(), c.Name, comment))
		}
		if err := p.widen(have, *existing, c, policy); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) add(have *pgcatalog.Table, c Column, policy config.MigrationPolicy) error {
	if c.Field != "" {
		switch policy.NewFields {
		case config.FailNewFields:
			return &failure.Error{
				Blame: failure.Configuration, Column: c.Field,
				Reason: fmt.Sprintf("table %s has no such column and migration_policy.new_fields is fail", have),
				Hint:   "add the column, deselect the field at the source, or set new_fields to add",
			}
		case config.SkipNewFields:
			p.Skipped = append(p.Skipped, c.Name)
			p.Notes = append(p.Notes, fmt.Sprintf("field %q left out: %s has no column for it and migration_policy.new_fields is skip", c.Field, have))
			return nil
		}
	}
	p.Added++
	action := "ADD COLUMN " + typemap.Quote(c.Name) + " " + c.Type.DDL()
	if c.Clause != "" && c.Field == "" { // rows that are there have no value for a field, also not for one of the key
		action += " " + c.Clause
	}
	p.alter = append(p.alter, action)
	if c.Description != "" {
		p.After = append(p.After, commentOn(have.String(), c.Name, c.Description))
	}
	p.Notes = append(p.Notes, fmt.Sprintf("added column %q %s to %s", c.Name, c.Type.Name, have))
	return nil
}

// widen changes the type of a column that cannot hold what the field brings. A column keeps its type until a value
// comes that does not fit. Airbyte's schema alone widens it, but never into another family of types.
func (p *Plan) widen(have *pgcatalog.Table, existing pgcatalog.Column, c Column, policy config.MigrationPolicy) error {
	if c.Fixed {
		return p.retype(have, existing, c, policy)
	}
	wanted := c.Type
	if !c.Exact && !(c.Declared && typemap.SameFamily(existing.Type(), wanted)) {
		return nil
	}
	widening, ok := typemap.Widen(existing.Type(), wanted)
	if ok && (!widening.Change() || !existing.MayBecome(widening.To)) {
		return nil
	}
	if !ok {
		return &failure.Error{
			Blame: failure.Configuration, Column: existing.Name,
			Reason: fmt.Sprintf("the column of %s is %s and the field needs %s", have, existing.TypeName, wanted.Name),
			Hint:   "no type holds both without loss: rename the column, or change the field at the source",
		}
	}
	if policy.ChangedTypes == config.FailChangedTypes {
		return FixedType(existing, have.String(), fmt.Sprintf("the column of %s is %s", have, existing.TypeName), widening)
	}
	action := typeAction(existing, widening)
	p.alter = append(p.alter, action)
	p.Retyped = append(p.Retyped, Retyping{existing.Name, existing.TypeName, widening.To.Name, action})
	p.Notes = append(p.Notes, fmt.Sprintf("widened column %q of %s from %s to %s", existing.Name, have, existing.TypeName, widening.To.Name))
	return nil
}

// missing deals with the columns whose field is gone: new rows get NULL. They are marked as deprecated at the end of
// the run, when another SCHEMA of the stream may have brought them (deprecate.go). Under the policy fail a field that
// the run has brought is not gone either. A column of another protocol or load mode is no field: it takes NULL under
// every policy.
func (p *Plan) missing(have *pgcatalog.Table, want TableSpec, policy config.MigrationPolicy) error {
	versions := versionsOf(have).names()
	for _, c := range have.Columns {
		switch {
		case want.Has(c.Name) || slices.Contains(versions[:], c.Name):
		case reserved(c.Name) && ownValue(c):
			p.takesNull(have, c, "no record of this run fills it")
		case policy.MissingFields == config.KeepMissingFields || !mayGo(c):
		default:
			_, marked := withoutDeprecation(c.Comment)
			if policy.MissingFields == config.FailMissingFields && !want.Brought[c.Name] && (!marked || c.NotNull) {
				return &failure.Error{
					Blame: failure.Configuration, Column: c.Name,
					Reason: fmt.Sprintf("the stream no longer has this field of %s and migration_policy.missing_fields is fail", have),
					Hint:   "drop the column, select the field at the source, or set missing_fields to deprecate",
				}
			}
			p.takesNull(have, c, "its field is gone")
		}
	}
	return nil
}

// takesNull drops the NOT NULL of a column that the records do not fill. PostgreSQL wants a value in the columns of a
// primary key, which those of partitions are in: if such a key stays, something else may fill the column, or the server
// refuses the rows.
func (p *Plan) takesNull(have *pgcatalog.Table, c pgcatalog.Column, because string) {
	if c.NotNull && !slices.Contains(p.nullable, c.Name) && !p.needsPrimary(have, c.Name) && !(have.Made && slices.Contains(have.Spread, c.Name)) {
		p.takeNull(c.Name)
		p.Notes = append(p.Notes, fmt.Sprintf("column %q of %s takes NULL from now on: %s", c.Name, have, because))
	}
}

// takeNull drops the NOT NULL of a column, once.
func (p *Plan) takeNull(name string) {
	if !slices.Contains(p.nullable, name) {
		p.nullable, p.alter = append(p.nullable, name), append(p.alter, dropNotNull(name))
	}
}

func dropNotNull(name string) string { return "ALTER COLUMN " + typemap.Quote(name) + " DROP NOT NULL" }

func commentOn(t, columnName, comment string) string {
	return fmt.Sprintf("COMMENT ON COLUMN %s.%s IS %s", t, typemap.Quote(columnName), pgtx.Literal(comment))
}
