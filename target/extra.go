package target

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

// extra is a field that the program adds to every row.
type extra struct {
	name string
	typ  typemap.Type
	kind extraKind
	// staged is true for a field that only the merge sees.
	staged  bool
	watched int
}

type extraKind uint8

const (
	// extraPresent says which columns a partial record brought, NULL for a whole one.
	extraPresent extraKind = iota
	// extraGone is true for a tombstone.
	extraGone
	// extraAt is the instant of a version.
	extraAt
	// extraVersion is the version of Singer's RECORD.
	extraVersion
	// The metadata columns of singer-sdk's targets (setting add_record_metadata).
	extraExtracted
	extraReceived
	extraBatched
	extraDeleted
	extraSequence
	extraSyncStarted
	// The columns of Airbyte's tables.
	extraRawID
	extraEmitted
	extraMeta
	extraGeneration
	// extraLive unmarks a row of a table that was once loaded in soft_delete.
	extraLive
	// extraLine is where the record stood in the input.
	extraLine
	// extraSurrogate is the key of a stream that has none.
	extraSurrogate
	// extraRecord is a random name for a record without a key.
	extraRecord
)

// deleteMarks are the fields whose presence says that a record was removed at the source, whether or not the schema
// declares them.
func deleteMarks() []string { return []string{"_sdc_deleted_at", cdcMark} }

// deleteMarks are the stream's: only the declared one counts for Airbyte, where the other is data like any.
func (s *spec) deleteMarks() []string {
	switch {
	case !s.airbyte:
		return deleteMarks()
	case s.declares(cdcMark):
		return []string{cdcMark}
	default:
		return nil
	}
}

// metadataColumns are the columns of add_record_metadata, in singer-sdk's order.
func metadataColumns() []extra {
	return []extra{
		{name: "_sdc_extracted_at", typ: typemap.TimestampTZ, kind: extraExtracted},
		{name: "_sdc_received_at", typ: typemap.TimestampTZ, kind: extraReceived},
		{name: "_sdc_batched_at", typ: typemap.TimestampTZ, kind: extraBatched},
		{name: "_sdc_deleted_at", typ: typemap.TimestampTZ, kind: extraDeleted},
		{name: "_sdc_sequence", typ: typemap.BigInt, kind: extraSequence},
		{name: migrate.VersionColumn, typ: typemap.BigInt, kind: extraVersion},
		{name: "_sdc_sync_started_at", typ: typemap.BigInt, kind: extraSyncStarted},
	}
}

// extras lists the fields that the program adds, and sets what they watch.
func (s *stream) extras(c *config.Config, have *pgcatalog.Table) []extra {
	var extras []extra
	if s.airbyte {
		extras = airbyteColumns()
	}
	if s.surrogate {
		extras = append(extras, extra{name: surrogateColumn, typ: typemap.Text, kind: extraSurrogate})
	}
	for _, e := range s.metadata(c) {
		if !s.hasMetadata(e) {
			continue
		}
		if e.kind == extraDeleted {
			e.watched = s.watch(e.name)
		}
		// A table of another target may have it as text, or without time zone.
		e.typ = have.Column(e.name).Type()
		extras = append(extras, e)
	}
	if s.versioned {
		extras = append(extras, extra{name: migrate.VersionColumn, typ: typemap.BigInt, kind: extraVersion})
	}
	if s.unmarks(have) {
		extras = append(extras, extra{name: migrate.DeletedColumn, typ: typemap.Bool, kind: extraLive})
	}
	if s.mode == merge.History {
		at := extra{name: s.unused("_singular_at"), typ: typemap.TimestampTZ, kind: extraAt, staged: true, watched: -1}
		if field := s.instants(); field != "" {
			at.watched = s.watch(field)
		}
		extras = append(extras, at)
	}
	if s.lines != "" {
		extras = append(extras, extra{name: s.lines, typ: typemap.BigInt, kind: extraLine})
	}
	if s.ops {
		extras = append(extras,
			extra{name: s.unused("_singular_present"), typ: typemap.ParseType("bit varying"), kind: extraPresent, staged: true},
			extra{name: s.unused("_singular_gone"), typ: typemap.Bool, kind: extraGone, staged: true})
	}
	return extras
}

// unmarks reports whether an upsert finds rows that soft_delete has marked: one whose record comes back is no longer deleted.
func (s *stream) unmarks(have *pgcatalog.Table) bool {
	marked := have.Column(migrate.DeletedColumn)
	return s.mode == merge.Upsert && s.into.Table == s.tableName && marked != nil && marked.Writable() && marked.TypeName == "boolean"
}

func (s *stream) watch(property string) int {
	s.layout.watch = append(s.layout.watch, property)
	return len(s.layout.watch) - 1
}

// unused is a name for a column of the staged rows that no field has.
func (s *spec) unused(name string) string {
	return unused(name, func(name string) bool { return slices.Contains(s.names, name) })
}
