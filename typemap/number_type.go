package typemap

// NumberType is the type of the columns for JSON numbers, as the setting number_type names it. "" is [NumericNumbers].
type NumberType string

const (
	// NumericNumbers keeps every digit.
	NumericNumbers NumberType = "numeric"
	// DoubleNumbers rounds to 53 bits and takes less space.
	DoubleNumbers NumberType = "double precision"
)

// Type returns the type of the columns.
func (n NumberType) Type() Type {
	if n == DoubleNumbers {
		return Double
	}
	return Numeric
}
