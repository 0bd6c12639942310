package target

import (
	"fmt"
	"strings"

	"github.com/goccy/go-json"
)

// The two protocols have words of their own for the same things: who sends the messages, and what says what a stream is.

// say returns the sentence in the words of the stream's protocol.
func (s *stream) say(singer, airbyte string) string {
	if s.airbyte {
		return airbyte
	}
	return singer
}

// sender is who sends the stream.
func (s *stream) sender() string { return s.say("tap", "source") }

// entry is the place of the stream's own settings, in a form that is right for any name: one with dots is no path.
func (s *stream) entry() string { return entry(s.name, "…") }

// setting shows how to give the stream a setting of its own.
func (s *stream) setting(name, value string) string { return setting(s.name, name, value) }

// setting shows how to give a stream a setting of its own. The value is JSON.
func setting(stream, name, value string) string {
	return entry(stream, fmt.Sprintf("%q: %s", name, value))
}

func entry(stream, settings string) string {
	var name strings.Builder
	encoder := json.NewEncoder(&name)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(stream) // a string can be encoded
	return fmt.Sprintf("streams: {%s: {%s}}", strings.TrimSpace(name.String()), settings)
}

// elsewhere is the hint for a stream whose table cannot be used. The tables of the program's own have no setting.
func elsewhere(stream string) string {
	if stream == "" || stream == rejectedTable {
		return ""
	}
	return fmt.Sprintf(", or send the stream elsewhere with %s or table_prefix", setting(stream, "table", `"…"`))
}

// keyHint says how a stream gets a key.
func (s *stream) keyHint() string {
	own := "set " + s.setting("key_properties", "[…]")
	return s.say(own, "choose a primary key in the connection, or "+own)
}
