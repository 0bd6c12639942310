package typemap

// airbyteReason tells, in the words of Airbyte's protocol, why a value became NULL: it was too large for its type, or
// not of it.
func airbyteReason(m *misfit) string {
	if m.size {
		return "DESTINATION_FIELD_SIZE_LIMITATION"
	}
	return "DESTINATION_SERIALIZATION_ERROR"
}
