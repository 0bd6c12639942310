package protocol

import (
	"errors"
	"fmt"
	"strconv"
)

// errNoState cannot happen to a line that a Reader has returned as a STATE.
var errNoState = errors.New("the message has no state object")

// stateEdit is where destinationStats go in a raw STATE message.
type stateEdit struct {
	from, to int  // the bytes to replace
	found    bool // they are the value of destinationStats that is there already
	first    bool // they are the inside of an empty object
}

// appendState appends raw with destinationStats inserted or replaced.
func appendState(buf, raw []byte, count, rejected int64) ([]byte, error) {
	edit, err := findStats(raw)
	if err != nil {
		return nil, fmt.Errorf("add destinationStats to a STATE message: %w", err)
	}
	buf = append(buf, raw[:edit.from]...)
	if !edit.found {
		if !edit.first {
			buf = append(buf, ',')
		}
		buf = append(buf, `"destinationStats":`...)
	}
	buf = appendCount(append(buf, `{"recordCount":`...), count)
	if rejected > 0 {
		buf = appendCount(append(buf, `,"rejectedRecordCount":`...), rejected)
	}
	buf = append(buf, '}')
	return append(buf, raw[edit.to:]...), nil
}

// appendCount appends a count the way the platform serialises the ones that it compares with: as a decimal.
func appendCount(buf []byte, n int64) []byte {
	return append(strconv.AppendInt(buf, n, 10), ".0"...)
}

// findStats looks for the last "state" of the message, which is the one that counts, and in it for the last
// destinationStats.
func findStats(raw []byte) (edit stateEdit, err error) {
	found := false
	var o object
	if err := o.open(raw, 0); err != nil {
		return edit, err
	}
	for {
		key, ok, err := o.next()
		if err != nil {
			return edit, err
		}
		if !ok {
			break
		}
		start := o.i
		value, err := o.value()
		if err != nil {
			return edit, err
		}
		if string(key) == "state" && isObject(value) {
			found = true
			if edit, err = findStatsIn(raw, start); err != nil {
				return edit, err
			}
		}
	}
	if !found {
		return edit, errNoState
	}
	return edit, o.end()
}

// findStatsIn does the same for the state object that begins at start.
func findStatsIn(raw []byte, start int) (edit stateEdit, err error) {
	edit.first = true
	var o object
	if err := o.open(raw, start); err != nil {
		return edit, err
	}
	for {
		key, ok, err := o.next()
		if err != nil {
			return edit, err
		}
		if !ok {
			break
		}
		edit.first = false
		from := o.i
		if _, err := o.value(); err != nil {
			return edit, err
		}
		if string(key) == "destinationStats" {
			edit.from, edit.to, edit.found = from, o.i, true
		}
	}
	if !edit.found {
		edit.from, edit.to = o.i-1, o.i-1
	}
	return edit, nil
}
