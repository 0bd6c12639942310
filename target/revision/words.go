package revision

import (
	"target-postgres/target/config"
)

// The two protocols have words of their own for the same things: who sends the messages, and what says what a stream
// is.

// Say returns the sentence in the words of the stream's protocol.
func (s *Spec) Say(singer, airbyte string) string {
	if s.Airbyte {
		return airbyte
	}
	return singer
}

// Sender is who sends the stream: a tap or a source.
func (s *Spec) Sender() string { return s.Say("tap", "source") }

// Entry is the place of the stream's own settings, in a form that is right for any name: one with dots is no path.
func (s *Spec) Entry() string { return config.StreamEntry(s.Name, "…") }

// Setting shows how to give the stream a setting of its own.
func (s *Spec) Setting(name, value string) string { return config.StreamSetting(s.Name, name, value) }

// KeyHint says how a stream gets a key.
func (s *Spec) KeyHint() string {
	own := "set " + s.Setting("key_properties", "[…]")
	return s.Say(own, "choose a primary key in the connection, or "+own)
}
