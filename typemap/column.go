package typemap

// columnType returns the type that holds what s admits, NULL aside, and the encoding of a bytea.
func (s shape) columnType(opts SchemaOptions) (t Type, encoding string) {
	types := s.types &^ typeNull
	switch {
	case types == 0 || types&(typeObject|typeArray) != 0:
		return JSONB, ""
	case types == typeBoolean:
		return Bool, ""
	case types&^typeNumber == 0:
		return s.numberType(opts), ""
	case types == typeString:
		return s.textType()
	case types&^(typeNumber|typeString) == 0 && s.text == formDecimal:
		// A decimal in a string is the same number as one without quotes, so this union is no reason to fall back to
		// text.
		return s.decimalType(), ""
	}
	return Text, ""
}

func (s shape) numberType(opts SchemaOptions) Type {
	switch {
	case s.number == formDecimal:
		return s.decimal.columnType()
	case s.types&typeFraction != 0:
		return opts.NumberType.Type()
	case s.low == reachBeyond || s.high == reachBeyond:
		return Numeric
	}
	return BigInt
}

// decimalType returns the numeric of a union in which strings are decimals: its limits hold only if the numbers beside
// them keep to the same.
func (s shape) decimalType() Type {
	if s.number == formDecimal {
		return s.decimal.columnType()
	}
	return Numeric
}

// textType returns the type of strings. Formats that differ end in text, except where one of them holds the other: a
// date is midnight UTC as a date-time.
func (s shape) textType() (t Type, encoding string) {
	switch s.text {
	case formDate:
		return Date, ""
	case formTime:
		return Time, ""
	case formTimeTZ, formTimeTZ | formTime:
		return TimeTZ, ""
	case formTimestamp, formTimestamp | formDate:
		return Timestamp, ""
	case formTimestampTZ, formTimestampTZ | formDate, formTimestampTZ | formTimestamp,
		formTimestampTZ | formTimestamp | formDate:
		return TimestampTZ, ""
	case formUUID:
		return UUID, ""
	case formDecimal:
		return s.decimal.columnType(), ""
	case formBase64:
		return Bytea, "base64"
	case formBase16:
		return Bytea, "base16"
	}
	return Text, ""
}
