package target

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// The columns that the load modes add. A field of the same name gets the suffix of a name that collides.
const (
	startColumn   = "_singular_start"
	endColumn     = "_singular_end"
	activeColumn  = "_singular_active"
	deletedColumn = "_singular_deleted"
	versionColumn = "_sdc_table_version"
)

// madeByUs ends the comment of a table that the program created, madeBeside begins that of one beside a stream's own.
const (
	madeByUs   = "loaded by target-postgres"
	madeBeside = "target-postgres "
)

// wish is what a stream needs of its table.
type wish struct {
	schema, name string
	// stream is the stream whose table it is, "" for a table of the program's own.
	stream  string
	mode    merge.Mode
	columns []wishColumn
	key     []string
	// nullKeys is true where the key may be NULL, so that it cannot be the primary key.
	nullKeys bool
	// comment is the table's when it is created, "" for none.
	comment string
	// readers are the roles that may read the table once it is created.
	readers []string
	// closed tables are open to nobody but their owner, whatever ALTER DEFAULT PRIVILEGES says; closedIfNew ones may be opened
	// later. defaults are the roles that a new table of a schema would be open to.
	closed, closedIfNew bool
	defaults            map[string][]string
	// brought are the columns that a SCHEMA of this run had a field for: they are not gone because another leaves them out.
	brought map[string]bool
	// afterCreate is the SQL to run once it is created.
	afterCreate string
	// like is the clause that stands for the columns when the table is created like another one, "" otherwise.
	like string
}

// oneRowAKey says whether the table gets to hold one row a key, so that a primary key belongs on it. A replace gathers its
// rows by key, too.
func (w wish) oneRowAKey() bool {
	return len(w.key) > 0 && (w.mode.NeedsUniqueKey() || w.mode == merge.Replace)
}

// keyword is the constraint that the key becomes.
func (w wish) keyword() string {
	if w.nullKeys {
		return "UNIQUE"
	}
	return "PRIMARY KEY"
}

// wishColumn is a column that a stream needs.
type wishColumn struct {
	name string
	typ  typemap.Type
	// field is the property that fills the column, "" for a column of our own.
	field string
	// clause follows the type when the column is created: NOT NULL and DEFAULT of our own columns.
	clause string
	// clauseIfNew is one for a table that is created, too, and not for rows that are there already.
	clauseIfNew string
	description string
	// asked is true when a value came that asks for this very type.
	asked bool
	// declared is true when the schema widens the column within its family before a value comes.
	declared bool
}

// migration is how a table becomes what a stream needs.
type migration struct {
	// before and after are whole statements, alter the actions of one ALTER TABLE between them.
	before, alter, after []string
	// unkey drops keys of the program's own that the stream has no use for, before anything else. rekey gives the table its
	// key, after everything else, by the first of these statements that works. None has to: the rows may forbid it.
	unkey     []unkeying
	rekey     []string
	rekeyNote string
	// fill gives values to rows that lack what a load mode goes by.
	fill []string
	// notes say what is done, one line each, for a human.
	notes []string
	// warnings say what somebody may rely on and loses.
	warnings []string
	// leave moves what is history out of a table that is none any more, if there is something to be moved.
	leave []string
	// keyless says why the table is not given the key that it lacks, "" where it is.
	keyless string
	// skipped are the columns left out by policy.
	skipped []string
	// retyped are the columns whose type alter changes.
	retyped []retyping
	// added counts the columns that an existing table gets.
	added int
	// creates is true for a table that is new, afterCreate the user's own SQL for it.
	creates     bool
	afterCreate string
}

// mostColumns is PostgreSQL's limit for a table.
const mostColumns = 1600

func countColumns(have, more int) error {
	if have+more <= mostColumns {
		return nil
	}
	return &failure.Error{
		Kind: failure.KindConfig, Reason: fmt.Sprintf("the table would have %d columns, and PostgreSQL allows %d", have+more, mostColumns),
		Hint: "deselect fields at the source, or split the stream",
	}
}

// statements returns the migration as SQL, in order, all but unkey and rekey.
func (m *migration) statements(t string) []string {
	statements := slices.Clone(m.before)
	if len(m.alter) > 0 {
		statements = append(statements, "ALTER TABLE "+t+"\n    "+strings.Join(m.alter, ",\n    "))
	}
	return slices.Concat(statements, m.fill, m.after)
}

func (m *migration) empty() bool {
	return len(m.before)+len(m.alter)+len(m.fill)+len(m.after)+len(m.unkey)+len(m.rekey) == 0
}

// migrate compares a table with what a stream needs of it. have is nil when there is no such table.
func migrate(have *pgcatalog.Table, want wish, policy config.MigrationPolicy) (*migration, error) {
	m := &migration{}
	if have == nil {
		return m, m.create(want, policy)
	}
	if view, is := map[string]string{"v": "a view", "m": "a materialized view"}[have.Kind]; is {
		return nil, &failure.Error{
			Kind: failure.KindConfig, Reason: fmt.Sprintf("%s is %s", have, view),
			Hint: "rename the view" + elsewhere(want.stream),
		}
	}
	if err := fitPlace(have, want); err != nil {
		return nil, err
	}
	if err := m.columns(have, want, policy); err != nil {
		return nil, err
	}
	if err := countColumns(len(have.Columns), m.added); err != nil {
		return nil, err
	}
	if err := m.missing(have, want, policy); err != nil {
		return nil, err
	}
	m.keys(have, want)
	m.marks(have, want)
	if want.closed {
		m.revoke(have.String(), have.Granted)
	}
	if err := m.versions(have, want); err != nil {
		return nil, err
	}
	if !have.Owned {
		m.asGuest(have)
	}
	if err := alterable(have, m); err != nil {
		return nil, err
	}
	return m, nil
}

// create makes the table of a new stream.
func (m *migration) create(want wish, policy config.MigrationPolicy) error {
	t := pgtx.Qualified(want.schema, want.name)
	switch policy.NewStreams {
	case config.FailNewStreams:
		return &failure.Error{
			Kind: failure.KindConfig, Reason: fmt.Sprintf("table %s does not exist and migration_policy.new_streams is fail", t),
			Hint: "create the table, leave the stream out of the selection, or set new_streams to activate",
		}
	case config.SkipNewStreams:
		m.notes = append(m.notes, fmt.Sprintf("skipped: table %s does not exist and migration_policy.new_streams is skip", t))
		return nil
	}
	if err := countColumns(0, len(want.columns)); err != nil {
		return err
	}
	lines := make([]string, 0, len(want.columns)+1)
	for _, c := range want.columns {
		line := typemap.Quote(c.name) + " " + c.typ.DDL()
		for _, clause := range []string{c.clause, c.clauseIfNew} {
			if clause != "" {
				line += " " + clause
			}
		}
		lines = append(lines, line)
	}
	if want.like != "" {
		lines = []string{want.like}
	}
	key := ""
	if len(want.key) > 0 {
		key = ", key (" + strings.Join(want.key, ", ") + ")"
		if want.oneRowAKey() {
			lines = append(lines, want.keyword()+" ("+pgtx.QuoteAll(want.key)+")")
		}
	}
	m.creates = true
	m.before = append(m.before, "CREATE TABLE "+t+" (\n    "+strings.Join(lines, ",\n    ")+"\n)")
	if want.comment != "" {
		m.after = append(m.after, fmt.Sprintf("COMMENT ON TABLE %s IS %s", t, pgtx.Literal(want.comment)))
	}
	for _, c := range want.columns {
		if c.description != "" {
			m.after = append(m.after, commentOn(t, c.name, c.description))
		}
	}
	if want.closed || want.closedIfNew {
		m.revoke(t, want.defaults[want.schema])
	}
	for _, role := range want.readers {
		m.after = append(m.after,
			fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s", typemap.Quote(want.schema), typemap.Quote(role)),
			fmt.Sprintf("GRANT SELECT ON %s TO %s", t, typemap.Quote(role)))
	}
	m.historyIndexes(want, nil)
	if want.afterCreate != "" {
		m.afterCreate = expandAfterCreate(want.afterCreate, want.schema, want.name)
	}
	m.notes = append(m.notes, fmt.Sprintf("created table %s with %d columns%s", t, len(want.columns), key))
	return nil
}

// revoke closes a table to roles.
func (m *migration) revoke(t string, roles []string) {
	if len(roles) > 0 {
		m.after = append(m.after, fmt.Sprintf("REVOKE ALL ON TABLE %s FROM %s CASCADE", t, strings.Join(roles, ", ")))
	}
}

// columns adds the columns that are new, widens those that are too narrow and unmarks those that returned.
func (m *migration) columns(have *pgcatalog.Table, want wish, policy config.MigrationPolicy) error {
	for _, c := range want.columns {
		existing := have.Column(c.name)
		if existing == nil {
			if err := m.add(have, c, policy); err != nil {
				return err
			}
			continue
		}
		if c.field == "" || !existing.Writable() {
			continue
		}
		if comment, marked := withoutDeprecation(existing.Comment); marked {
			m.after = append(m.after, commentOn(have.String(), c.name, comment))
			m.notes = append(m.notes, fmt.Sprintf("column %q of %s %s", c.name, have, noLongerDeprecated))
		}
		if err := m.widen(have, *existing, c, policy); err != nil {
			return err
		}
	}
	return nil
}

func (m *migration) add(have *pgcatalog.Table, c wishColumn, policy config.MigrationPolicy) error {
	if c.field != "" {
		switch policy.NewFields {
		case config.FailNewFields:
			return &failure.Error{
				Kind: failure.KindConfig, Column: c.field,
				Reason: fmt.Sprintf("table %s has no such column and migration_policy.new_fields is fail", have),
				Hint:   "add the column, deselect the field at the source, or set new_fields to add",
			}
		case config.SkipNewFields:
			m.skipped = append(m.skipped, c.name)
			m.notes = append(m.notes, fmt.Sprintf("field %q left out: %s has no column for it and migration_policy.new_fields is skip", c.field, have))
			return nil
		}
	}
	m.added++
	action := "ADD COLUMN " + typemap.Quote(c.name) + " " + c.typ.DDL()
	if c.clause != "" && c.field == "" { // rows that are there have no value for a field, also not for one of the key
		action += " " + c.clause
	}
	m.alter = append(m.alter, action)
	if c.description != "" {
		m.after = append(m.after, commentOn(have.String(), c.name, c.description))
	}
	m.notes = append(m.notes, fmt.Sprintf("added column %q %s to %s", c.name, c.typ.Name, have))
	return nil
}

// widen changes the type of a column that cannot hold what the field brings. A column keeps its type until a value comes that
// does not fit. Airbyte's schema alone widens it, but never into another family of types.
func (m *migration) widen(have *pgcatalog.Table, existing pgcatalog.Column, c wishColumn, policy config.MigrationPolicy) error {
	wanted := c.typ
	if !c.asked && !(c.declared && typemap.SameFamily(existing.Type(), wanted)) {
		return nil
	}
	widening, ok := typemap.Widen(existing.Type(), wanted)
	if ok && (!widening.Change() || !existing.MayBecome(widening.To)) {
		return nil
	}
	if !ok {
		return &failure.Error{
			Kind: failure.KindConfig, Column: existing.Name,
			Reason: fmt.Sprintf("the column of %s is %s and the field needs %s", have, existing.TypeName, wanted.Name),
			Hint:   "no type holds both without loss: rename the column, or change the field at the source",
		}
	}
	if policy.ChangedTypes == config.FailChangedTypes {
		return fixedType(existing, have.String(), fmt.Sprintf("the column of %s is %s", have, existing.TypeName), widening)
	}
	action := typeAction(existing, widening)
	m.alter = append(m.alter, action)
	m.retyped = append(m.retyped, retyping{existing.Name, existing.TypeName, widening.To.Name, action})
	m.notes = append(m.notes, fmt.Sprintf("widened column %q of %s from %s to %s", existing.Name, have, existing.TypeName, widening.To.Name))
	return nil
}

// missing deals with the columns whose field is gone: new rows get NULL. They are marked as deprecated at the end of the run,
// when another SCHEMA of the stream may have brought them (deprecate.go). Under the policy fail a field that the run has brought
// is not gone either.
func (m *migration) missing(have *pgcatalog.Table, want wish, policy config.MigrationPolicy) error {
	if policy.MissingFields == config.KeepMissingFields {
		return nil
	}
	for _, c := range have.Columns {
		if _, marked := withoutDeprecation(c.Comment); !mayGo(c) || want.has(c.Name) || (marked && !c.NotNull) {
			continue
		}
		if policy.MissingFields == config.FailMissingFields && !want.brought[c.Name] {
			return &failure.Error{
				Kind: failure.KindConfig, Column: c.Name,
				Reason: fmt.Sprintf("the stream no longer has this field of %s and migration_policy.missing_fields is fail", have),
				Hint:   "drop the column, select the field at the source, or set missing_fields to deprecate",
			}
		}
		if c.NotNull && !m.nulls(c.Name) {
			m.alter = append(m.alter, dropNotNull(c.Name))
			m.notes = append(m.notes, fmt.Sprintf("column %q of %s takes NULL from now on: its field is gone", c.Name, have))
		}
	}
	return nil
}

// nulls reports whether the migration drops a column's NOT NULL already.
func (m *migration) nulls(name string) bool { return slices.Contains(m.alter, dropNotNull(name)) }

func dropNotNull(name string) string { return "ALTER COLUMN " + typemap.Quote(name) + " DROP NOT NULL" }

func (w wish) has(name string) bool {
	return slices.ContainsFunc(w.columns, func(c wishColumn) bool { return c.name == name })
}

func commentOn(t, columnName, comment string) string {
	return fmt.Sprintf("COMMENT ON COLUMN %s.%s IS %s", t, typemap.Quote(columnName), pgtx.Literal(comment))
}
