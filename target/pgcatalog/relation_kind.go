package pgcatalog

// RelationKind is what kind of relation a table is, in the letters of pg_class.relkind. "" is that of a table which is
// still to be created.
type RelationKind string

// The kinds that the catalog is read for.
const (
	OrdinaryTable    RelationKind = "r"
	PartitionedTable RelationKind = "p"
	ForeignTable     RelationKind = "f"
	View             RelationKind = "v"
	MaterializedView RelationKind = "m"
)

// Holds reports whether relations of the kind hold rows: views do not.
func (k RelationKind) Holds() bool {
	return k == OrdinaryTable || k == PartitionedTable || k == ForeignTable
}
