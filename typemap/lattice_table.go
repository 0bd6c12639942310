package typemap

// step is one way up the lattice: a kind whose every value is also a value of another.
type step struct {
	from, to Kind
	// using is the expression for it, "" where the assignment cast is right.
	using string
	// freeInUTC: with TimeZone UTC the assignment cast does the same without a rewrite.
	freeInUTC bool
}

// Floating point goes up by way of its text. A real that came as the text 0.1 must stay 0.1, although the nearest real
// is 0.10000000149011612 as a double precision. And the direct cast to numeric keeps only 15 of the 17 digits.
const viaText = "%s::text"

// steps are all the ways between kinds, save those to text and to JSON, which every kind has, and those between
// modifiers of one kind.
var steps = [...]step{
	{from: KindInt2, to: KindInt4},
	{from: KindInt2, to: KindInt8},
	{from: KindInt2, to: KindNumeric},
	{from: KindInt2, to: KindFloat4},
	{from: KindInt2, to: KindFloat8},
	{from: KindInt4, to: KindInt8},
	{from: KindInt4, to: KindNumeric},
	{from: KindInt4, to: KindFloat8}, // not to real, whose 24 bits end at 16777216
	{from: KindInt8, to: KindNumeric},
	{from: KindFloat4, to: KindFloat8, using: viaText + "::double precision"},
	{from: KindFloat4, to: KindNumeric, using: viaText + "::numeric"},
	{from: KindFloat8, to: KindNumeric, using: viaText + "::numeric"},
	{from: KindDate, to: KindTimestamp},
	{from: KindDate, to: KindTimestampTZ, using: "%s::timestamp AT TIME ZONE 'UTC'"},
	{from: KindTimestamp, to: KindTimestampTZ, using: "%s AT TIME ZONE 'UTC'", freeInUTC: true},
	{from: KindTime, to: KindTimeTZ, using: "(%s::text || '+00')::timetz"},
}

func stepBetween(from, to Kind) (s step, ok bool) {
	for _, s := range &steps {
		if s.from == from && s.to == to {
			return s, true
		}
	}
	return step{}, false
}

// meetingKinds are where two kinds meet that have no way to one another, in the order of preference. Everything meets
// in text after them.
var meetingKinds = [...]Kind{KindFloat8, KindNumeric}

// asText returns the expression for a kind's text, written as JSON would have brought it: ISO 8601, and instants in UTC
// with their offset. to_json writes ISO 8601 under every DateStyle.
func asText(k Kind) string {
	switch k {
	case KindDate, KindTimestamp:
		return "to_json(%s) #>> '{}'"
	case KindArray:
		return "to_json(%s)::text"
	case KindJSON, KindJSONB:
		return "%s #>> '{}'" // a JSON string without its quotes
	case KindTimestampTZ:
		// The offset belongs before " BC", and infinity has none.
		return `regexp_replace(to_json(timezone('UTC', %s)) #>> '{}', E'([0-9])( BC)?$', E'\\1+00:00\\2')`
	case KindTimeTZ:
		return `regexp_replace(%s::text, E'([+-][0-9][0-9])$', E'\\1:00')`
	case KindBytea:
		return "encode(%s, 'hex')"
	}
	return "%s::text"
}

// asJSON returns the expression for a kind's JSON. A value that to_jsonb would write otherwise than [asText] goes by
// way of the text.
func asJSON(from, to Kind) string {
	value := "%s"
	switch from {
	case KindJSON, KindJSONB:
		return "" // the assignment cast
	case KindTimestampTZ, KindTimeTZ, KindBytea, KindText: // text: without what char(n) pads
		value = asText(from)
	}
	if to == KindJSON {
		return "to_json(" + value + ")"
	}
	return "to_jsonb(" + value + ")"
}
