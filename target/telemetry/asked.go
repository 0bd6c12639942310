package telemetry

import (
	"net/url"
	"strings"
)

// The variables decide by the rules of the OpenTelemetry specification: an empty one is as good as none.
const (
	disabled = "OTEL_SDK_DISABLED"
	prefix   = "OTEL_EXPORTER_OTLP_"
)

// signals says what is to be sent.
type signals struct{ metrics, traces bool }

// asked reads from the environment what is to be sent. A setting that cannot be obeyed is a fault, and its signal is
// not sent. A fault names the variable and never its value, which may hold a secret.
func asked(getenv func(string) string, fault func(reason string)) signals {
	if strings.EqualFold(strings.TrimSpace(getenv(disabled)), "true") {
		return signals{}
	}
	return signals{
		metrics: wanted(getenv, fault, "METRICS"),
		traces:  wanted(getenv, fault, "TRACES"),
	}
}

// wanted reports whether one signal is to be sent.
func wanted(getenv func(string) string, fault func(reason string), signal string) bool {
	name, value := first(getenv, prefix+signal+"_ENDPOINT", prefix+"ENDPOINT")
	if value == "" {
		return false
	}
	exporter := "OTEL_" + signal + "_EXPORTER"
	switch chosen := strings.ToLower(strings.TrimSpace(getenv(exporter))); chosen {
	case "", "otlp":
	case "none":
		return false
	default:
		fault(exporter + " names an exporter that target-postgres does not have: use otlp or none")
		return false
	}
	if to, err := url.Parse(value); err != nil || to.Host == "" || (to.Scheme != "http" && to.Scheme != "https") {
		fault(name + " is not an http:// or https:// URL")
		return false
	}
	name, value = first(getenv, prefix+signal+"_PROTOCOL", prefix+"PROTOCOL")
	switch value {
	case "", "http/protobuf":
		return true
	default:
		fault(name + " asks for a protocol that target-postgres does not speak: use http/protobuf")
		return false
	}
}

// first returns the first variable that is set, and its value.
func first(getenv func(string) string, names ...string) (name, value string) {
	for _, name := range names {
		if value := strings.TrimSpace(getenv(name)); value != "" {
			return name, value
		}
	}
	return "", ""
}
