package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"

	"target-postgres/protocol"
)

// logged returns what a handler writes for one record of a fixed time.
func logged(h slog.Handler, level slog.Level, message string, attrs ...any) {
	r := slog.NewRecord(time.Date(2026, 11, 23, 1, 2, 3, 456e6, time.UTC), level, message, 0)
	r.Add(attrs...)
	_ = h.Handle(context.Background(), r)
}

// writes are what is written, call by call: a line is one of them.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

func TestLinesForPeople(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		level   slog.Level
		message string
		attrs   []any
		want    string
	}{
		{"the bare message", slog.LevelInfo, "hello", nil, "INFO     | hello"},
		{"attributes, the stream first", slog.LevelWarn, "slow", []any{"rows", 5, "stream", "users"}, "WARNING  | slow stream=users rows=5"},
		{"values in quotes where needed", slog.LevelError, "m", []any{"a", "x y", "b", `q"`, "c", "", "d", "a=b", "e", "é", "f", "\x1b[31m"}, `ERROR    | m a="x y" b="q\"" c="" d="a=b" e=é f="\x1b[31m"`},
		{"errors and durations", slog.LevelDebug, "m", []any{"error", errors.New("no route"), "took", time.Second}, `DEBUG    | m error="no route" took=1s`},
		{"groups as dotted keys", slog.LevelError + 4, "m", []any{slog.Group("pg", "code", "23505", slog.Group("x", "y", 1)), slog.Group("", "z", 2)}, "CRITICAL | m pg.code=23505 pg.x.y=1 z=2"},
		{"no control characters from a server", slog.LevelInfo, "a\x1b]0;evil\x07\nb", nil, "INFO     | a]0;evil\nb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out writes
			logged(NewHumanHandler(&out, slog.LevelDebug, false), tt.level, tt.message, tt.attrs...)
			if diff := cmp.Diff(writes{"2026-11-23 01:02:03.456 | " + tt.want + "\n"}, out); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestColourIsAroundTheLevelOnly(t *testing.T) {
	t.Parallel()
	for level, want := range map[slog.Level]string{
		slog.LevelDebug: "\x1b[2mDEBUG   \x1b[0m | m",
		slog.LevelInfo:  "\x1b[32mINFO    \x1b[0m | m",
		slog.LevelWarn:  "\x1b[33mWARNING \x1b[0m | m",
		slog.LevelError: "\x1b[31mERROR   \x1b[0m | m",
	} {
		var out bytes.Buffer
		logged(NewHumanHandler(&out, slog.LevelDebug, true), level, "m")
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q lacks %q", out.String(), want)
		}
	}
}

func TestStructuredLinesHaveAllTheKeysThatMeltanoRequires(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	h := NewStructuredHandler(&out, slog.LevelInfo)
	logged(h, slog.LevelWarn, "slow <\"é\">", "stream", "users", "rows", 5, "ok", true, "error", errors.New("no"), "rate", math.NaN())
	logged(h, slog.LevelInfo, "plain")
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	want := []map[string]any{
		{
			"level": "warning", "pid": float64(os.Getpid()), "logger_name": "target-postgres", "ts": 1795395723.456,
			"thread_name": "main", "app_name": "target-postgres", "stream_name": "users",
			"message": "slow <\"é\"> stream=users rows=5 ok=true error=no rate=NaN",
			"extra":   map[string]any{"rows": 5.0, "ok": true, "error": "no", "rate": "NaN"},
		},
		{
			"level": "info", "pid": float64(os.Getpid()), "logger_name": "target-postgres", "ts": 1795395723.456,
			"thread_name": "main", "app_name": "target-postgres", "stream_name": nil, "message": "plain",
		},
	}
	var got []map[string]any
	for _, line := range lines {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAirbyteLogsAreMessages(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	h := NewAirbyteHandler(protocol.NewWriter(&out).Log, slog.LevelDebug-4)
	for _, level := range []slog.Level{-8, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, 12} {
		logged(h, level, "m", "stream", "n.users", "rows", 5)
	}
	var want strings.Builder
	for _, level := range []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"} {
		want.WriteString(`{"type":"LOG","log":{"level":"` + level + `","message":"m stream=n.users rows=5"}}` + "\n")
	}
	if diff := cmp.Diff(want.String(), out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestLevelsBelowTheOneAskedForAreOff(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(NewHumanHandler(&out, slog.LevelWarn, false))
	logger.Info("quiet")
	logger.Warn("loud")
	if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "loud") {
		t.Errorf("got %q", got)
	}
}

// unflatten undoes the dotted keys for slog's own test suite.
func unflatten(to map[string]any, key string, value any) {
	head, rest, dotted := strings.Cut(key, ".")
	if !dotted {
		to[head] = value
		return
	}
	if to[head] == nil {
		to[head] = map[string]any{}
	}
	unflatten(to[head].(map[string]any), rest, value)
}

func TestHandlersKeepTheRulesOfSlog(t *testing.T) {
	t.Parallel()
	var lines []map[string]any
	h := newHandler(slog.LevelInfo, func(e *entry) error {
		line := map[string]any{slog.LevelKey: e.level, slog.MessageKey: e.message}
		if !e.at.IsZero() {
			line[slog.TimeKey] = e.at
		}
		for _, a := range e.attrs {
			unflatten(line, a.Key, a.Value.Any())
		}
		lines = append(lines, line)
		return nil
	})
	if err := slogtest.TestHandler(h, func() []map[string]any { return lines }); err != nil {
		t.Error(err)
	}
}

func TestAttributesOfALoggerDoNotLeakIntoItsSiblings(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	base := slog.New(NewHumanHandler(&out, slog.LevelInfo, false)).With("a", 1)
	x, y := base.With("stream", "x"), base.With("stream", "y").WithGroup("g").With("b", 2)
	x.Info("m")
	y.Info("m", "c", 3)
	base.Info("m")
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, line[len("2026-11-23 01:02:03.456 | INFO     | "):])
	}
	if diff := cmp.Diff([]string{"m stream=x a=1\n", "m stream=y a=1 g.b=2 g.c=3\n", "m a=1\n"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestMetricsHaveAFormForEachReader(t *testing.T) {
	t.Parallel()
	var human, structured, airbyte bytes.Buffer
	m := Metric{Type: "counter", Name: "record_count", Value: 3, Tags: map[string]any{"stream": "vals", "pid": 1}}
	const text = `METRIC: {"type":"counter","metric":"record_count","value":3,"tags":{"pid":1,"stream":"vals"}}`
	for _, h := range []slog.Handler{
		NewHumanHandler(&human, slog.LevelInfo, false), NewStructuredHandler(&structured, slog.LevelInfo),
		NewAirbyteHandler(protocol.NewWriter(&airbyte).Log, slog.LevelInfo),
	} {
		LogMetric(context.Background(), slog.New(h), m)
	}
	if got := human.String(); !strings.HasSuffix(got, "INFO     | "+text+"\n") {
		t.Errorf("for people: %s", got)
	}
	var line struct {
		Message    string `json:"message"`
		LoggerName string `json:"logger_name"`
		MetricInfo Metric `json:"metric_info"`
		Extra      any
	}
	if err := json.Unmarshal(structured.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.Message != "METRIC" || line.LoggerName != "singer_sdk.metrics" || line.Extra != nil || line.MetricInfo.Tags["stream"] != "vals" || line.MetricInfo.Value != 3 {
		t.Errorf("structured: %s", structured.String())
	}
	var message struct{ Log struct{ Message string } }
	if err := json.Unmarshal(airbyte.Bytes(), &message); err != nil || message.Log.Message != text {
		t.Errorf("Airbyte: %s, %v", airbyte.String(), err)
	}
}

func TestMetricsOfTheTarget(t *testing.T) {
	t.Parallel()
	pid := os.Getpid()
	got := []Metric{RecordCount("s", 7), BatchTime("s", 1500*time.Millisecond, true), BatchTime("s", 0, false)}
	want := []Metric{
		{"counter", "record_count", 7, map[string]any{"stream": "s", "pid": pid}},
		{"timer", "batch_processing_time", 1.5, map[string]any{"stream": "s", "pid": pid, "status": "succeeded"}},
		{"timer", "batch_processing_time", 0, map[string]any{"stream": "s", "pid": pid, "status": "failed"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheEnvironmentChoosesTheLog(t *testing.T) {
	t.Parallel()
	const structured = `{"version":1,"formatters":{"singer_formatter":{"()":"singer_sdk.logging.StructuredFormatter"}},"root":{"handlers":["console"],"level":"WARNING"}}`
	const yaml = "version: 1\nroot:\n  handlers: [console]\n\n  level: 'ERROR'\nloggers:\n  x:\n    level: DEBUG\n"
	tests := []struct {
		name   string
		config string
		env    map[string]string
		want   []string // of debug, info, warning and error, in JSON where it is structured
	}{
		{"nothing", "", nil, []string{"info", "warning", "error"}},
		{"LOGLEVEL", "", map[string]string{"LOGLEVEL": "warning"}, []string{"warning", "error"}},
		{"the target's own level wins", "", map[string]string{"LOGLEVEL": "ERROR", "TARGET_POSTGRES_LOGLEVEL": "debug"}, []string{"debug", "info", "warning", "error"}},
		{"a number", "", map[string]string{"LOGLEVEL": "30"}, []string{"warning", "error"}},
		{"nonsense", "", map[string]string{"LOGLEVEL": "loud"}, []string{"warning", "info", "warning", "error"}},
		{"nonsense before a level", "", map[string]string{"TARGET_POSTGRES_LOGLEVEL": "loud", "LOGLEVEL": "ERROR"}, []string{"error"}},
		{"a level before nonsense", "", map[string]string{"TARGET_POSTGRES_LOGLEVEL": "WARNING", "LOGLEVEL": "loud"}, []string{"warning", "error"}},
		{"Meltano", structured, map[string]string{"LOGLEVEL": "DEBUG"}, []string{`{"level":"warning"`, `{"level":"error"`}},
		{"Meltano, overruled", structured, map[string]string{"TARGET_POSTGRES_LOGLEVEL": "ERROR"}, []string{`{"level":"error"`}},
		{"a plain format", strings.ReplaceAll(structured, "StructuredFormatter", "Other"), nil, []string{"warning", "error"}},
		{"YAML", yaml, nil, []string{"error"}},
		{"a number in JSON", `{"root":{"level":40}}`, nil, []string{"error"}},
		{"YAML without a root level", "root:\n  handlers: []\nloggers:\n  x:\n    level: ERROR\n", nil, []string{"info", "warning", "error"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{}
			maps.Copy(env, tt.env)
			dir := t.TempDir()
			if tt.config != "" {
				env["SINGER_SDK_LOG_CONFIG"] = filepath.Join(dir, "log")
				if err := os.WriteFile(env["SINGER_SDK_LOG_CONFIG"], []byte(tt.config), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := chosen(t, filepath.Join(dir, "out"), env)
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %d lines", got, len(tt.want))
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(got[i], want) && !strings.Contains(got[i], " | "+strings.ToUpper(want)+" ") {
					t.Errorf("line %q, want one of level %s", got[i], want)
				}
			}
		})
	}
}

// chosen returns the lines that the environment's handler writes for one message of each level.
func chosen(t *testing.T, path string, env map[string]string) []string {
	t.Helper()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	logger := slog.New(NewSingerHandler(out, false, func(name string) string { return env[name] }))
	logger.Debug("m")
	logger.Info("m")
	logger.Warn("m")
	logger.Error("m")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func TestALogConfigurationThatIsMissingIsAWarning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := chosen(t, filepath.Join(dir, "out"), map[string]string{"SINGER_SDK_LOG_CONFIG": filepath.Join(dir, "none"), "LOGLEVEL": "ERROR"})
	if len(got) != 1 || !strings.Contains(got[0], "ERROR ") {
		t.Errorf("at ERROR: %q", got)
	}
	got = chosen(t, filepath.Join(dir, "out"), map[string]string{"SINGER_SDK_LOG_CONFIG": filepath.Join(dir, "none")})
	if len(got) != 4 || !strings.Contains(got[0], "SINGER_SDK_LOG_CONFIG is ignored") {
		t.Errorf("at INFO: %q", got)
	}
}

func TestLevelsAreReadAsPythonHasThem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]slog.Level{
		"debug": slog.LevelDebug, "INFO": slog.LevelInfo, " Warn ": slog.LevelWarn, "WARNING": slog.LevelWarn, "error": slog.LevelError,
		"CRITICAL": 12, "fatal": 12, "NOTSET": slog.LevelDebug, "10": slog.LevelDebug, "20": slog.LevelInfo, "40": slog.LevelError, "50": 12,
	} {
		if got, ok := ParseLevel(name); !ok || got != want {
			t.Errorf("%q is %v, %v; want %v", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "loud", "-1", "51"} {
		if got, ok := ParseLevel(name); ok {
			t.Errorf("%q is %v, want nothing", name, got)
		}
	}
}
