package shape

import "target-postgres/typemap"

// ExtraColumn is the column of the fields that the schema does not have.
const ExtraColumn = "_singular_extra"

// addExtra adds that column.
func (p *Plan) addExtra() {
	p.Fields = append(p.Fields, typemap.Field{
		Name: ExtraColumn, Column: ExtraColumn, Type: typemap.JSONB, Fixed: true, Undeclared: true,
		Description: "Fields that the schema does not have.",
	})
}

// Undeclared says what is stored instead of the values of a field that the schema does not have, nil for the values
// themselves, and whether it is left out.
func (p *Plan) Undeclared(field string) (instead *typemap.Digest, leaveOut bool) {
	switch {
	case p.excludes(field) || p.settings.Map.leavesOut(field):
		return nil, true
	case p.hashes(field):
		return p.digest(field), false
	}
	return nil, false
}
