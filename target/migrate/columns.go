package migrate

// The columns that the load modes add. A field of the same name gets the suffix of a name that collides.
const (
	// StartColumn is since when a version of load mode history holds, EndColumn until when. These are the names where
	// none are set.
	StartColumn = "_singular_start"
	EndColumn   = "_singular_end"
	// ActiveColumn is true for the active version of a key.
	ActiveColumn = "_singular_active"
	// HashColumn is the hash of what makes a version of load mode history.
	HashColumn = "_singular_hash"
	// DeletedColumn is true for a row that load mode soft_delete keeps although its record is gone.
	DeletedColumn = "_singular_deleted"
	// VersionColumn is Singer's version of the pass that brought the row.
	VersionColumn = "_sdc_table_version"
)
