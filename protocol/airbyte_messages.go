package protocol

import "bytes"

// airbyteState keeps the whole line: the platform compares what comes back with what it sent, keys unknown to us
// included.
func (r *Reader) airbyteState(line, state []byte) *LineError {
	if !isObject(state) {
		if theirs, err := members(line, "value"); state == nil && err == nil && theirs[0] != nil {
			return fromSinger("STATE")
		}
		return badLine("a STATE message needs %q, an object", "state")
	}
	values, err := members(state, "type", "stream", "global", "global_")
	if err != nil {
		return syntaxError(err)
	}
	m := &r.message
	m.Kind = KindState
	if m.StateScope = stateScope(values); m.StateScope == StateStream {
		var bad *LineError
		if m.Stream, bad = r.descriptor(values[1], "STATE"); bad != nil {
			return bad
		}
	}
	// A carriage return is white space to JSON, but the end of a line to some readers of stdout.
	m.State = bytes.ReplaceAll(line, []byte{'\r'}, []byte{' '})
	return nil
}

// stateScope goes by the type where there is one, else by what is there: the protocol says that a state without a type
// is LEGACY, Airbyte's own connectors look for "global" first, and PyAirbyte calls that "global_".
func stateScope(values [][]byte) StateScope {
	switch kind, _ := stringOf(values[0]); {
	case kind == "STREAM":
		return StateStream
	case kind == "GLOBAL":
		return StateGlobal
	case !absent(values[0]):
		return StateLegacy
	case !absent(values[2]) || !absent(values[3]):
		return StateGlobal
	case !absent(values[1]):
		return StateStream
	default:
		return StateLegacy
	}
}

// airbyteTrace reads STREAM_STATUS. Errors, estimates and analytics of the source are for the platform, which has read
// them already.
func (r *Reader) airbyteTrace(trace []byte) (bool, *LineError) {
	if !isObject(trace) {
		return false, nil
	}
	values, err := members(trace, "type", "stream_status")
	if err != nil {
		return false, syntaxError(err)
	}
	if kind, _ := stringOf(values[0]); kind != "STREAM_STATUS" || !isObject(values[1]) {
		return false, nil
	}
	status, err := members(values[1], "status")
	if err != nil {
		return false, syntaxError(err)
	}
	m := &r.message
	switch name, _ := stringOf(status[0]); name {
	case "STARTED":
		m.Status = StatusStarted
	case "RUNNING":
		m.Status = StatusRunning
	case "COMPLETE":
		m.Status = StatusComplete
	case "INCOMPLETE":
		m.Status = StatusIncomplete
	default:
		return false, nil
	}
	m.Kind = KindStatus
	var bad *LineError
	m.Stream, bad = r.descriptor(values[1], "TRACE STREAM_STATUS")
	return bad == nil, bad
}

// descriptor reads the stream_descriptor of an object.
func (r *Reader) descriptor(parent []byte, message string) (Stream, *LineError) {
	missing := badLine("a %s message needs a stream_descriptor with a name", message)
	if !isObject(parent) {
		return Stream{}, missing
	}
	outer, err := members(parent, "stream_descriptor")
	if err != nil {
		return Stream{}, syntaxError(err)
	}
	if !isObject(outer[0]) {
		return Stream{}, missing
	}
	inner, err := members(outer[0], "namespace", "name")
	if err != nil {
		return Stream{}, syntaxError(err)
	}
	namespace, _ := stringOf(inner[0])
	name, _ := stringOf(inner[1])
	if name == "" {
		return Stream{}, missing
	}
	return r.stream([]byte(namespace), []byte(name)), nil
}
