package target

import (
	"target-postgres/target/config"
)

// The two protocols have words of their own for the same things: who sends the messages, and what says what a stream is.

// say returns the sentence in the words of the stream's protocol.
func (s *spec) say(singer, airbyte string) string {
	if s.airbyte {
		return airbyte
	}
	return singer
}

// sender is who sends the stream.
func (s *spec) sender() string { return s.say("tap", "source") }

// entry is the place of the stream's own settings, in a form that is right for any name: one with dots is no path.
func (s *spec) entry() string { return config.StreamEntry(s.name, "…") }

// setting shows how to give the stream a setting of its own.
func (s *spec) setting(name, value string) string { return config.StreamSetting(s.name, name, value) }

// keyHint says how a stream gets a key.
func (s *spec) keyHint() string {
	own := "set " + s.setting("key_properties", "[…]")
	return s.say(own, "choose a primary key in the connection, or "+own)
}
