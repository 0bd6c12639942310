package protocol

import "target-postgres/internal/jsonscan"

// object is a cursor over the members of one JSON object. It allocates nothing: names and texts are slices of the input
// or, where they carry escapes, of scratch.
type object struct {
	b       []byte
	i       int // the next byte to read
	begun   bool
	scratch []byte // grows; what was cut from it stays valid
}

// open puts the cursor before the first member of the object at b[i].
func (o *object) open(b []byte, i int) error {
	i = jsonscan.Space(b, i)
	if i >= len(b) || b[i] != '{' {
		return malformed(b, i, "an object was expected")
	}
	o.b, o.i, o.begun = b, i+1, false
	return nil
}

// next moves to the next member and returns its name; o.i is then at the first byte of the value, which the caller has
// to step over. ok is false at the end of the object, with o.i past its brace.
func (o *object) next() (name []byte, ok bool, err error) {
	b := o.b
	i := jsonscan.Space(b, o.i)
	if i < len(b) && b[i] == '}' {
		o.i = i + 1
		return nil, false, nil
	}
	if o.begun {
		if i >= len(b) || b[i] != ',' {
			return nil, false, malformed(b, i, "a comma or closing bracket was expected")
		}
		i = jsonscan.Space(b, i+1)
	}
	if i >= len(b) || b[i] != '"' {
		return nil, false, malformed(b, i, "a key in quotes was expected")
	}
	o.begun, o.i = true, i
	if name, err = o.text(); err != nil {
		return nil, false, err
	}
	if i, err = jsonscan.Colon(b, o.i); err != nil {
		return nil, false, err
	}
	if o.i = jsonscan.Space(b, i); o.i == len(b) {
		return nil, false, malformed(b, o.i, "")
	}
	return name, true, nil
}

// text steps over the value and returns the text of a string, never nil, or nil for a value of any other kind.
func (o *object) text() ([]byte, error) {
	if o.b[o.i] != '"' {
		_, err := o.value()
		return nil, err
	}
	start := o.i
	end, escaped, err := jsonscan.String(o.b, start)
	if err != nil {
		return nil, err
	}
	o.i = end
	if !escaped {
		return o.b[start+1 : end-1], nil
	}
	from := len(o.scratch)
	o.scratch, _ = jsonscan.Unquote(o.scratch, o.b[start:end])
	return o.scratch[from:len(o.scratch):len(o.scratch)], nil
}

// value validates the value, steps over it and returns its bytes.
func (o *object) value() ([]byte, error) {
	start := o.i
	end, _, err := jsonscan.Value(o.b, start)
	if err != nil {
		return nil, err
	}
	o.i = end
	return o.b[start:end], nil
}

// record is value without validating the content of an object.
func (o *object) record() ([]byte, error) {
	if o.b[o.i] != '{' {
		return o.value()
	}
	start := o.i
	end := skipObject(o.b, start)
	if end < 0 {
		return nil, malformed(o.b, len(o.b), "")
	}
	o.i = end
	return o.b[start:end], nil
}

// end reports anything but white space after the object.
func (o *object) end() error {
	if i := jsonscan.Space(o.b, o.i); i < len(o.b) {
		return malformed(o.b, i, "something follows the end of the object")
	}
	return nil
}

// malformed is the error for what stands at b[i], or for b being cut off there.
func malformed(b []byte, i int, reason string) error {
	if i >= len(b) {
		reason = "the text ends in the middle of a value"
	}
	return &jsonscan.SyntaxError{Offset: i, Reason: reason}
}

// members returns the values of the named members of the object b, nil where absent; of a name that occurs twice the
// last one counts. It is for the messages that are rare enough to be scanned again.
func members(b []byte, names ...string) ([][]byte, error) {
	var o object
	if err := o.open(b, 0); err != nil {
		return nil, err
	}
	values := make([][]byte, len(names))
	for {
		name, ok, err := o.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			return values, o.end()
		}
		value, err := o.value()
		if err != nil {
			return nil, err
		}
		for n := range names {
			if names[n] == string(name) {
				values[n] = value
			}
		}
	}
}
