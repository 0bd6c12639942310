package config

import (
	"encoding/json"
	"fmt"
	"strings"
)

// StreamEntry is the place of a stream's own settings, in a form that is right for any name: one with dots is no path. The
// settings are JSON, without their braces.
func StreamEntry(stream, settings string) string {
	var name strings.Builder
	encoder := json.NewEncoder(&name)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(stream) //nolint:errchkjson // a string can be encoded
	return fmt.Sprintf("streams: {%s: {%s}}", strings.TrimSpace(name.String()), settings)
}

// StreamSetting shows how to give a stream a setting of its own. The value is JSON.
func StreamSetting(stream, name, value string) string {
	return StreamEntry(stream, fmt.Sprintf("%q: %s", name, value))
}
