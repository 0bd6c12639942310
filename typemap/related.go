package typemap

// Related reports whether a column of type have may well hold the values of a field that wants another type, so that it
// is left alone until a value comes that does not fit: two numbers, two texts, two points in time, or a text that may
// spell what have stores. A text in a number's column is not: "007" would come back as 7.
func Related(have, want Type) bool {
	family := have.Kind.family()
	if family != 0 && family == want.Kind.family() {
		return true
	}
	return want.Kind == KindText && (family == familyMoment || family == familyClock || have.Kind == KindUUID)
}

// SameFamily reports whether two types are of one family: numbers, texts, points in time, times of day, or one kind. A
// declaration alone widens a column only within its family.
func SameFamily(have, want Type) bool {
	family := have.Kind.family()
	return have.Kind == want.Kind || (family != 0 && family == want.Kind.family())
}

// crosses reports whether the schema declares a type of another family than its column's, which the column keeps until
// a value does not fit.
func (c *Column) crosses() bool {
	return !c.Type.keeps() && !c.Type.holds(c.Want) && !SameFamily(c.Type, c.Want)
}

// The families of kinds whose values may fit each other's columns.
const (
	familyNumber = iota + 1
	familyText
	familyMoment
	familyClock
)

func (k Kind) family() int {
	switch k {
	case KindInt2, KindInt4, KindInt8, KindNumeric, KindFloat4, KindFloat8:
		return familyNumber
	case KindText:
		return familyText
	case KindDate, KindTimestamp, KindTimestampTZ:
		return familyMoment
	case KindTime, KindTimeTZ:
		return familyClock
	default:
		return 0
	}
}
