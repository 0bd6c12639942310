package target

// Summary counts what became of one stream's records in a run.
type Summary struct {
	// Read counts the records that came in.
	Read int64 `json:"read"`
	// Inserted, Updated and Deleted count rows of the table; Deleted includes rows that were marked or closed.
	Inserted int64 `json:"inserted"`
	Updated  int64 `json:"updated"`
	Deleted  int64 `json:"deleted"`
	// Rejected counts the records in _singular_rejected.
	Rejected int64 `json:"rejected"`
	// Replaced counts the characters that PostgreSQL cannot store and that became U+FFFD.
	Replaced int64 `json:"replaced_characters"`
}

// add counts what one checkpoint did.
func (s *Summary) add(inserted, updated, deleted int64) {
	s.Inserted += inserted
	s.Updated += updated
	s.Deleted += deleted
}

// Table is a table that a run loads into.
type Table struct {
	Stream, Schema, Name string
}

// Tables lists the tables of the streams that came, in the order in which they came.
func (t *Target) Tables() []Table {
	tables := make([]Table, 0, len(t.order))
	for _, s := range t.order {
		if !s.skip {
			tables = append(tables, Table{Stream: s.name, Schema: s.schemaName, Name: s.tableName})
		}
	}
	return tables
}
