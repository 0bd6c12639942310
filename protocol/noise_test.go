package protocol

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
)

// TestNoiseIsNamed sends what is no message after one that is, to the readers of both protocols.
func TestNoiseIsNamed(t *testing.T) {
	t.Parallel()
	wide := func(text string, bigEndian bool) string {
		var b strings.Builder
		for _, unit := range utf16.Encode([]rune(text)) {
			high, low := byte(unit>>8), byte(unit)
			if !bigEndian {
				high, low = low, high
			}
			b.WriteByte(high)
			b.WriteByte(low)
		}
		return b.String()
	}
	for _, test := range []struct{ name, noise, what string }{
		{"a line of a log", "2024-01-01 00:00:00 INFO tap: secret", ""},
		{"a colored line of a log", "\x1b[32mINFO secret\x1b[0m", ""},
		{"a progress bar", "\r 50% secret\r 100% secret", ""},
		{"a traceback", "Traceback (most recent call last):\n  File \"tap.py\", line 1", "this is a traceback"},
		{"CSV", "id,name\n1,secret", ""},
		{"a byte order mark in the middle", "\xef\xbb\xbf{\"type\": \"STATE\", \"value\": 1}", "this is a byte order mark"},
		{"gzip", "\x1f\x8b\x08\x00secret", "this is data compressed by gzip"},
		{"zstd", "\x28\xb5\x2f\xfdsecret", "this is data compressed by zstd"},
		{"a ZIP archive", "PK\x03\x04secret", "this is a ZIP archive"},
		{"Parquet", "PAR1secret", "this is a Parquet file"},
		{"UTF-16", wide("\ufeff{\"type\": \"STATE\"}", false), "this is text in UTF-16"},
		{"UTF-16, big endian", wide("\ufeff{\"type\": \"STATE\"}", true), "this is text in UTF-16"},
		{"UTF-16 without a mark", wide("{\"type\": \"STATE\"}", false), "this is text in UTF-16"},
		{"HTML", "<!DOCTYPE html>secret", "this is a page of HTML"},
		{"a list", `["secret"]`, ""},
		{"a text", `"secret"`, ""},
		{"a number", `42`, ""},
		{"a word", `null`, ""},
		{"something after a message", `{"type": "STATE", "value": 1, "state": {}} secret`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			singer := NewSinger(strings.NewReader(`{"type": "STATE", "value": {"n": 1}}`+"\n"+test.noise+"\n"), 0)
			isNoise(t, singer, test.what, "the tap", "prints something other than messages to standard output", "look at line 2 ", "sed -n 2p")
			airbyte := NewAirbyte(strings.NewReader(`{"type": "STATE", "state": {"type": "LEGACY", "data": {}}}`+"\n"+test.noise+"\n"), &Catalog{}, 0)
			isNoise(t, airbyte, test.what, "the source", "prints something other than messages to standard output", "look at line 2 ")
		})
	}
}

// TestMessagesInAnotherEncodingSaySo sends messages of both protocols in Latin-1.
func TestMessagesInAnotherEncodingSaySo(t *testing.T) {
	t.Parallel()
	singer := NewSinger(strings.NewReader(`{"type": "STATE", "value": {"n": 1}}`+"\n"+`{"type": "STATE", "value": "secr`+"\xe9"+`t"}`+"\n"), 0)
	isNoise(t, singer, "not valid UTF-8 (byte 33 of the line)", "the tap must print UTF-8", "iconv", "sed -n 2p")
	airbyte := NewAirbyte(strings.NewReader(`{"type": "STATE", "state": {"type": "LEGACY", "data": {}}}`+"\n"+`{"type": "STATE", "state": {"d": "secr`+"\xe9"+`t"}}`+"\n"), &Catalog{}, 0)
	isNoise(t, airbyte, "not valid UTF-8", "the source must print UTF-8", "look at line 2 of the input")
}

// TestAMessageThatEndsInsideACharacterIsCutOff is about the end of an input whose tap was killed.
func TestAMessageThatEndsInsideACharacterIsCutOff(t *testing.T) {
	t.Parallel()
	r := NewSinger(strings.NewReader(`{"type": "STATE", "value": {"n": 1}}`+"\n"+`{"type": "STATE", "value": "secr`+"\xc3"), 0)
	isNoise(t, r, "not valid UTF-8", "the line is cut off", "sed -n 2p")
}

// TestObjectsThatAreNoMessages are noise to the reader of Singer's protocol; that of Airbyte's skips them, as the
// protocol asks.
func TestObjectsThatAreNoMessages(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`{"id": 1, "name": "secret"}`, `{"level": "info", "msg": "secret"}`, `{"type": 5}`, `{"type": null}`, `{}`,
		`{"type": "log", "message": "secret"}`, `{"type": "click", "id": 1}`,
	} {
		singer := NewSinger(strings.NewReader(`{"type": "STATE", "value": {"n": 1}}`+"\n"+line+"\n"), 0)
		isNoise(t, singer, "", "the tap", "look at line 2 ")
	}
}

// isNoise reads a message and then what is none.
func isNoise(t *testing.T, r *Reader, words ...string) {
	t.Helper()
	t.Cleanup(r.Close)
	if _, err := next(t, r); err != nil {
		t.Fatal(err)
	}
	_, err := next(t, r)
	bad, is := errors.AsType[*LineError](err)
	if !is || bad.Line != 2 {
		t.Fatalf("the error is %v, want one about line 2", err)
	}
	for _, want := range words {
		if !strings.Contains(bad.Error(), want) {
			t.Errorf("the error is %q, want %q in it", bad, want)
		}
	}
	if strings.Contains(bad.Error(), "secret") {
		t.Errorf("the error quotes the line: %q", bad)
	}
}
