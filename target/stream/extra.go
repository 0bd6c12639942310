package stream

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

// Extra is a field that the program adds to every row.
type Extra struct {
	Name string
	Typ  typemap.Type
	Kind extraKind
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
	// ExtraAt is the instant of a version.
	ExtraAt
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
	// ExtraMeta is what Airbyte says of the record, and what was changed of it here.
	ExtraMeta
	extraGeneration
	// extraLive unmarks a row of a table that was once loaded in soft_delete.
	extraLive
	// ExtraLine is where the record stood in the input.
	ExtraLine
	// extraSurrogate is the key of a stream that has none.
	extraSurrogate
	// extraRecord is a random name for a record without a key.
	extraRecord
)

// DeleteMarks are the fields whose presence says that a record was removed at the source, whether or not the schema
// declares them.
func DeleteMarks() []string { return []string{"_sdc_deleted_at", CdcMark} }

// DeleteMarks are the stream's: only the declared one counts for Airbyte, where the other is data like any.
func (s *Spec) DeleteMarks() []string {
	switch {
	case !s.Airbyte:
		return DeleteMarks()
	case s.Declares(CdcMark):
		return []string{CdcMark}
	default:
		return nil
	}
}

// metadataColumns are the columns of add_record_metadata, in singer-sdk's order.
func metadataColumns() []Extra {
	return []Extra{
		{Name: "_sdc_extracted_at", Typ: typemap.TimestampTZ, Kind: extraExtracted},
		{Name: "_sdc_received_at", Typ: typemap.TimestampTZ, Kind: extraReceived},
		{Name: "_sdc_batched_at", Typ: typemap.TimestampTZ, Kind: extraBatched},
		{Name: "_sdc_deleted_at", Typ: typemap.TimestampTZ, Kind: extraDeleted},
		{Name: "_sdc_sequence", Typ: typemap.BigInt, Kind: extraSequence},
		{Name: migrate.VersionColumn, Typ: typemap.BigInt, Kind: extraVersion},
		{Name: "_sdc_sync_started_at", Typ: typemap.BigInt, Kind: extraSyncStarted},
	}
}

// extras lists the fields that the program adds, and sets what they watch.
func (s *Stream) extras(c *config.Config, have *pgcatalog.Table) []Extra {
	var extras []Extra
	if s.Airbyte {
		extras = airbyteColumns()
	}
	if s.Surrogate {
		extras = append(extras, Extra{Name: SurrogateColumn, Typ: typemap.Text, Kind: extraSurrogate})
	}
	for _, e := range s.Metadata(c) {
		if !s.hasMetadata(e) {
			continue
		}
		if e.Kind == extraDeleted {
			e.watched = s.watch(e.Name)
		}
		// A table of another target may have it as text, or without time zone.
		e.Typ = have.Column(e.Name).Type()
		extras = append(extras, e)
	}
	if s.Versioned {
		extras = append(extras, Extra{Name: migrate.VersionColumn, Typ: typemap.BigInt, Kind: extraVersion})
	}
	if s.unmarks(have) {
		extras = append(extras, Extra{Name: migrate.DeletedColumn, Typ: typemap.Bool, Kind: extraLive})
	}
	if s.Mode == merge.History {
		at := Extra{Name: s.Unused("_singular_at"), Typ: typemap.TimestampTZ, Kind: ExtraAt, staged: true, watched: -1}
		if field := s.Instants(); field != "" {
			at.watched = s.watch(field)
		}
		extras = append(extras, at)
	}
	if s.Lines != "" {
		extras = append(extras, Extra{Name: s.Lines, Typ: typemap.BigInt, Kind: ExtraLine})
	}
	if s.Ops {
		extras = append(extras,
			Extra{Name: s.Unused("_singular_present"), Typ: typemap.ParseType("bit varying"), Kind: extraPresent, staged: true},
			Extra{Name: s.Unused("_singular_gone"), Typ: typemap.Bool, Kind: extraGone, staged: true})
	}
	return extras
}

// unmarks reports whether an upsert finds rows that soft_delete has marked: one whose record comes back is no longer
// deleted.
func (s *Stream) unmarks(have *pgcatalog.Table) bool {
	marked := have.Column(migrate.DeletedColumn)
	return s.Mode == merge.Upsert && s.Into.Table == s.TableName && marked != nil && marked.Writable() && marked.TypeName == "boolean"
}

func (s *Stream) watch(property string) int {
	s.Layout.watch = append(s.Layout.watch, property)
	return len(s.Layout.watch) - 1
}

// Unused is a name for a column of the staged rows that no field has.
func (s *Spec) Unused(name string) string {
	return Unused(name, func(name string) bool { return slices.Contains(s.Names, name) })
}
