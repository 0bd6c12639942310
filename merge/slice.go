package merge

import "fmt"

// InSlice is the condition for the row a to be in the slice b, by an index where there is one. Slices with a NULL are
// left out.
func (v *view) InSlice(a, b string) string {
	if v.Range != "" {
		return fmt.Sprintf("%[1]s.%[3]s >= %[2]s.least AND %[1]s.%[3]s <= %[2]s.greatest", a, b, v.Range)
	}
	return join(v.Sliced, " AND ", func(c name) string { return c.of(a) + " " + c.equals() + " " + c.of(b) })
}

// MatchSlice is the condition for two rows to be in the same slice, where NULL is a value like any other.
func (v *view) MatchSlice(a, b string) string {
	return join(v.Sliced, " AND ", func(c name) string { return fmt.Sprintf("ARRAY[%s] = ARRAY[%s]", c.of(a), c.of(b)) })
}

// HasNull is the condition for a slice to have a NULL.
func (v *view) HasNull(alias string) string {
	return "(" + join(v.Sliced, " OR ", func(c name) string { return c.of(alias) + " IS NULL" }) + ")"
}

// BringsSlice is the condition for a staged row to say in which slice its key is.
func (v *view) BringsSlice(alias string) string {
	condition := "true"
	if v.Removed {
		condition = "NOT " + alias + "." + v.Gone
	}
	if v.Patched {
		columns := v.Sliced
		condition += " AND " + join(columns, " AND ", func(c name) string { return "(" + v.brought(c) + ")" })
	}
	return condition
}

// EitherKey is the key of a row that the full join of two tables gives.
func (v *view) EitherKey(a, b string) string {
	return join(v.Key, ", ", func(k name) string { return fmt.Sprintf("coalesce(%s, %s) AS %s", k.of(a), k.of(b), k) })
}

// FirstOfKey is a column of the key, which no stored row has a NULL in.
func (v *view) FirstOfKey(alias string) string { return v.Key[0].of(alias) }

// TargetOID is the target as functions take it.
func (v *view) TargetOID() string { return "pg_catalog.to_regclass(" + literal(v.Target) + ")" }

// StagedOID is the table of the staged rows.
func (v *view) StagedOID() string { return "pg_catalog.to_regclass(" + literal(v.Staged) + ")" }

// slices takes over by what the job is sliced, and names the table of the slices that the run brought.
func (v *view) slices() {
	for _, c := range v.Columns {
		for _, by := range v.job.Slice.Columns {
			if c.quoted == quote(by) {
				n := c
				n.equal, n.greater = v.job.Columns[c.index].Type.Equality, v.job.Columns[c.index].Type.Greater
				v.Sliced = append(v.Sliced, n)
			}
		}
	}
	if v.job.Slice.Range && len(v.Sliced) == 1 {
		v.Range = v.Sliced[0].quoted
	}
	v.Slices, v.Altered = Name{Schema: "pg_temp", Table: "_singular_slices"}.SQL(), Name{Schema: "pg_temp", Table: "_singular_altered"}.SQL()
	if v.job.Slice.Brought.Table != "" {
		v.Slices = v.job.Slice.Brought.SQL()
	}
}

// BringSlices returns the statements that remember the slices of a staged batch in the table job.Slice.Brought, which
// has the columns of the slice, or the columns least and greatest of a range.
func BringSlices(job Job) ([]Statement, error) {
	return render("bring slices", newView(job))
}

// FindSlices returns the statements that find out which slices the table job.Staged has, for [Swap] and [Empty].
func FindSlices(job Job) ([]Statement, error) {
	job.Mode = Replace
	return render("slices", swapView(job))
}

// OutOfSlices returns the statements that ask whether a part of the target has rows in no slice that the run brought,
// and whether it has any. FindSlices has to run before.
func OutOfSlices(job Job, part Name) ([]Statement, error) { return ofPart("out of slices", job, part) }

// Vanishing returns the statements that ask how many rows of a part of the target have keys which the staged rows lack.
func Vanishing(job Job, part Name) ([]Statement, error) { return ofPart("vanishing", job, part) }

// EmptyPart returns the statements that take all rows away from a part of the target.
func EmptyPart(job Job, part Name) ([]Statement, error) { return ofPart("empty part", job, part) }

// ofPart are statements about a part of the target.
func ofPart(name string, job Job, part Name) ([]Statement, error) {
	job.Mode, job.Target = Replace, part
	return render(name, swapView(job))
}
