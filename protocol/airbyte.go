package protocol

import "math"

// airbyteEnvelope is what an Airbyte line says that concerns a destination. Everything else is skipped, known or not:
// every message allows additional properties, and PyAirbyte sends all the other fields as null.
type airbyteEnvelope struct {
	kind         []byte
	record       airbyteRecord
	isRecord     bool // the line has an object under "record"
	state, trace []byte
	singerStream []byte
}

// airbyteRecord is the "record" of a line. Texts are nil where absent or not strings, values where absent.
type airbyteRecord struct {
	namespace, stream     []byte
	data, emittedAt, meta []byte
	badNamespace          bool // neither a string nor null
}

func (r *Reader) scanAirbyte(line []byte, e *airbyteEnvelope) error {
	*e = airbyteEnvelope{}
	o := &r.object
	if err := o.open(line, 0); err != nil {
		return err
	}
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
		case "record":
			if e.isRecord = line[o.i] == '{'; e.isRecord {
				err = o.airbyteRecord(&e.record)
			} else {
				_, err = o.value()
			}
		case "state":
			e.state, err = o.value()
		case "trace":
			e.trace, err = o.value()
		case "stream":
			e.singerStream, err = o.text()
		default:
			_, err = o.value()
		}
		if err != nil {
			return err
		}
	}
}

// airbyteRecord reads the object at the cursor and steps over it.
func (o *object) airbyteRecord(rec *airbyteRecord) error {
	*rec = airbyteRecord{}
	if err := o.open(o.b, o.i); err != nil {
		return err
	}
	for {
		key, ok, err := o.next()
		if err != nil {
			return err
		}
		if !ok {
			// The object around it is past its first member, too.
			o.begun = true
			return nil
		}
		switch string(key) {
		case "stream":
			rec.stream, err = o.text()
		case "namespace":
			rec.badNamespace = o.b[o.i] != '"' && o.b[o.i] != 'n'
			rec.namespace, err = o.text()
		case "data":
			rec.data, err = o.record()
		case "emitted_at":
			rec.emittedAt, err = o.value()
		case "meta":
			rec.meta, err = o.value()
		default:
			_, err = o.value()
		}
		if err != nil {
			return err
		}
	}
}

// airbyte decodes a line into r.message; ok is false for a message that is to be skipped.
func (r *Reader) airbyte(line []byte) (ok bool, bad *LineError) {
	e := &r.envelope.airbyte
	if err := r.scanAirbyte(line, e); err != nil {
		return false, syntaxError(err)
	}
	switch string(e.kind) {
	case "RECORD":
		return true, r.airbyteRecord(e)
	case "STATE":
		return true, r.airbyteState(line, e.state)
	case "TRACE":
		return r.airbyteTrace(e.trace)
	case "SCHEMA", "BATCH", "ACTIVATE_VERSION":
		if e.singerStream != nil {
			return false, fromSinger(string(e.kind))
		}
		return false, nil
	default:
		return false, nil
	}
}

// fromSinger is for people who pipe Singer's messages into the reader of Airbyte's.
func fromSinger(kind string) *LineError {
	err := badLine("%s message in the shape of Singer's protocol", withArticle(kind))
	err.Hint, err.OtherProtocol = "the write command reads Airbyte's; to load Singer messages run target-postgres --config FILE", true
	return err
}

func (r *Reader) airbyteRecord(e *airbyteEnvelope) *LineError {
	rec, m := &e.record, &r.message
	if e.singerStream != nil && (!e.isRecord || rec.data == nil || len(rec.stream) == 0) {
		return fromSinger("RECORD")
	}
	if !e.isRecord {
		return badLine("a RECORD message needs %q, an object", "record")
	}
	if len(rec.stream) == 0 {
		return badLine("a RECORD message needs %q, a name in its record", "stream")
	}
	if rec.badNamespace {
		return badLine("the namespace of a RECORD message is a string or null")
	}
	m.Kind, m.Stream = KindRecord, r.stream(rec.namespace, rec.stream)
	if !isObject(rec.data) {
		err := badLine("a RECORD message needs %q, an object in its record", "data")
		err.Stream = m.Stream
		return err
	}
	m.Record = rec.data
	if !absent(rec.meta) {
		m.Meta = rec.meta
	}
	if absent(rec.emittedAt) {
		return nil
	}
	var ok bool
	if m.EmittedAt, ok = emittedAt(rec.emittedAt); !ok {
		err := badLine("the emitted_at of a RECORD message is a number of milliseconds")
		err.Stream = m.Stream
		return err
	}
	return nil
}

// emittedAt returns a number as it came, without its fraction. Seconds with a fraction become milliseconds, so that
// Message.EmittedMillis does not lose the fraction either.
func emittedAt(value []byte) (int64, bool) {
	if n, ok := integer(value); ok {
		return n, true
	}
	f, ok := float(value)
	if !ok || math.Abs(f) >= 1<<63 {
		return 0, false
	}
	if secondsFrom <= math.Abs(f) && math.Abs(f) < secondsLimit {
		f *= 1000
	}
	return int64(math.Round(f)), true
}
