package protocol

import (
	"bytes"
	"fmt"
)

// explain adds the probable cause, and how to find it, to the fault of a line that is no message at all or is in
// another encoding. A message that is only wrong keeps its own words.
func (r *Reader) explain(bad *LineError, line []byte) {
	switch {
	case bad.Hint != "":
	case bad.noise:
		r.noise(bad, line)
	case bad.encoding && r.fromSource:
		bad.Hint = fmt.Sprintf("the source must print UTF-8, and this is another encoding: look at line %d of the input", bad.Line)
	case bad.encoding:
		bad.Hint = fmt.Sprintf("the tap must print UTF-8, and this is another encoding: change its output or locale, or convert what it prints "+
			"(some-tap | iconv -f ISO-8859-1 -t UTF-8, if that is Latin-1); look at line %d of what it prints (some-tap | sed -n %dp)", bad.Line, bad.Line)
	}
}

func (r *Reader) noise(bad *LineError, line []byte) {
	if what := kindOf(line); what != "" {
		bad.Reason += ", this is " + what
	}
	if r.fromSource {
		bad.Hint = fmt.Sprintf("the source prints something other than messages to standard output, or the line is cut off: look at line %d of the input", bad.Line)
		return
	}
	bad.Hint = fmt.Sprintf("the tap, or something that it calls, prints something other than messages to standard output, or the line is cut off: "+
		"run the tap alone and look at line %d of what it prints (some-tap | sed -n %dp)", bad.Line, bad.Line)
}

// binaries are the first bytes of files that are piped by mistake.
var binaries = []struct{ magic, what string }{
	{"\x1f\x8b", "data compressed by gzip"},
	{"\x28\xb5\x2f\xfd", "data compressed by zstd"},
	{"BZh", "data compressed by bzip2"},
	{"\xfd7zXZ", "data compressed by xz"},
	{"PK\x03\x04", "a ZIP archive"},
	{"PAR1", "a Parquet file"},
	{"Obj\x01", "an Avro file"},
}

// kindOf recognises what is piped by mistake, "" where nothing is known of it.
func kindOf(line []byte) string {
	for _, file := range binaries {
		if bytes.HasPrefix(line, []byte(file.magic)) {
			return file.what
		}
	}
	text := bytes.ToLower(bytes.TrimLeft(line, " \t"))
	switch {
	case bytes.HasPrefix(line, []byte("\xff\xfe")), bytes.HasPrefix(line, []byte("\xfe\xff")), bytes.IndexByte(line[:min(len(line), 2)], 0) >= 0:
		return "text in UTF-16"
	case bytes.HasPrefix(line, []byte("\xef\xbb\xbf")):
		return "a byte order mark before the text"
	case bytes.HasPrefix(text, []byte("<!doctype")), bytes.HasPrefix(text, []byte("<html")), bytes.HasPrefix(text, []byte("<?xml")):
		return "a page of HTML or XML"
	case bytes.HasPrefix(text, []byte("traceback ")):
		return "a traceback"
	}
	return ""
}
