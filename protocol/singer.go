package protocol

import "strings"

// singerEnvelope is what a Singer line says about itself at its top level.
// Texts are nil where absent or not strings, values where absent.
type singerEnvelope struct {
	kind, stream, extracted []byte
	record, version         []byte
}

// scanSinger reads the top level of a line, with its keys in any order. If a key occurs twice, the last one counts.
func (r *Reader) scanSinger(line []byte, e *singerEnvelope) (err error) {
	o, f := &r.object, &r.frame
	if !f.opens(line) {
		*e = singerEnvelope{}
		if err := o.open(line, 0); err != nil {
			return err
		}
		return r.singerMembers(e)
	}
	*e = f.opening
	o.b, o.i, o.begun = line, len(f.before)-1, true
	if e.record, err = o.record(); err != nil {
		return err
	}
	record, rest := e.record, line[o.i:]
	if f.closes(rest) {
		*e = f.whole
		e.record = record
		return nil
	}
	if err := r.singerMembers(e); err != nil {
		return err
	}
	if &record[0] == &e.record[0] { // else there was another in the rest
		f.close(rest, e)
	}
	return nil
}

// singerMembers reads the members of a line that are left.
func (r *Reader) singerMembers(e *singerEnvelope) error {
	o := &r.object
	for {
		key, ok, err := o.next()
		if err != nil {
			return err
		}
		if !ok {
			return o.end()
		}
		switch string(key) {
		case "type":
			e.kind, err = o.text()
		case "stream":
			e.stream, err = o.text()
		case "record":
			if e.record == nil && o.b[o.i] == '{' {
				r.frame.open(o.b[:o.i+1], e)
			}
			e.record, err = o.record()
		case "time_extracted":
			e.extracted, err = o.text()
		case "version":
			e.version, err = o.value()
		default:
			_, err = o.value()
		}
		if err != nil {
			return err
		}
	}
}

// singer decodes a line into r.message.
func (r *Reader) singer(line []byte) (bool, *LineError) {
	e := &r.envelope.singer
	if err := r.scanSinger(line, e); err != nil {
		return false, syntaxError(err)
	}
	if e.kind == nil {
		bad := missingKey("Singer", "type", "a string")
		bad.noise = true
		return false, bad
	}
	// The specification asks for a comparison of types that ignores case.
	if string(e.kind) == "RECORD" || strings.EqualFold(string(e.kind), "RECORD") {
		return true, r.singerRecord(e)
	}
	switch kind := strings.ToUpper(string(e.kind)); kind {
	case "SCHEMA":
		return true, r.singerSchema(line, e)
	case "STATE":
		return true, r.singerState(line)
	case "ACTIVATE_VERSION":
		return true, r.singerActivateVersion(e)
	case "BATCH":
		return true, r.singerBatch(line, e)
	default:
		return false, unknownSingerType(line, e.kind, kind)
	}
}

func (r *Reader) singerRecord(e *singerEnvelope) *LineError {
	m := &r.message
	if len(e.stream) == 0 {
		bad := missingKey("RECORD", "stream", "a name")
		if isObject(e.record) {
			if inner, err := members(e.record, "stream", "data"); err == nil && inner[0] != nil && inner[1] != nil {
				bad.hintAirbyte()
			}
		}
		return bad
	}
	m.Kind, m.Stream = KindRecord, r.stream(nil, e.stream)
	if !isObject(e.record) {
		err := missingKey("RECORD", "record", "an object")
		err.Stream = m.Stream
		return err
	}
	m.Record, m.Extracted = e.record, e.extracted
	return r.singerVersion("RECORD", e)
}

// singerVersion sets the version of a message in which it is optional.
func (r *Reader) singerVersion(message string, e *singerEnvelope) *LineError {
	if absent(e.version) {
		return nil
	}
	m := &r.message
	if m.Version, m.HasVersion = integer(e.version); !m.HasVersion {
		err := badLine("the version of %s message is an integer", withArticle(message))
		err.Stream = m.Stream
		return err
	}
	return nil
}

func (r *Reader) singerActivateVersion(e *singerEnvelope) *LineError {
	if len(e.stream) == 0 {
		return missingKey("ACTIVATE_VERSION", "stream", "a name")
	}
	r.message.Kind, r.message.Stream = KindActivateVersion, r.stream(nil, e.stream)
	if absent(e.version) {
		err := missingKey("ACTIVATE_VERSION", "version", "an integer")
		err.Stream = r.message.Stream
		return err
	}
	return r.singerVersion("ACTIVATE_VERSION", e)
}

// hintAirbyte is for people who pipe Airbyte's messages into the reader of Singer's.
func (e *LineError) hintAirbyte() {
	e.Hint = "this looks like Airbyte's protocol, which the write command reads: target-postgres write --config FILE --catalog FILE"
	e.OtherProtocol = true
}

func unknownSingerType(line, kind []byte, upper string) *LineError {
	err := badLine("unknown message type %s; the supported ones are SCHEMA, RECORD, STATE, ACTIVATE_VERSION and BATCH", sanitize(kind))
	err.noise = true
	if key, theirs := airbyteKeys[upper]; theirs {
		// A line of a log may have such a type, too. Airbyte's message has an object of that name.
		if found, fault := members(line, key); fault == nil && isObject(found[0]) {
			err.hintAirbyte()
		}
	}
	return err
}

// airbyteKeys are the members of Airbyte's messages by their types, of those that Singer does not have.
var airbyteKeys = map[string]string{
	"LOG": "log", "TRACE": "trace", "CONTROL": "control", "SPEC": "spec", "CATALOG": "catalog", "CONNECTION_STATUS": "connectionStatus",
}
