package logging

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"strings"

	gojson "github.com/goccy/go-json"
)

// NewSingerHandler returns the handler that a Singer target's environment asks for: structured lines where
// SINGER_SDK_LOG_CONFIG names a file that configures the SDK's StructuredFormatter, as Meltano does for loaders with
// the capability structured-logging, else lines for people. The level is TARGET_POSTGRES_LOGLEVEL, else that file's
// root level, else LOGLEVEL, else INFO. getenv is os.Getenv but in tests. Colour is for terminals only, and not where
// NO_COLOR is set. A file that cannot be read and a level that there is not are the first warnings.
func NewSingerHandler(out io.Writer, terminal bool, getenv func(string) string) slog.Handler {
	var cfg []byte
	var err error
	if path := getenv("SINGER_SDK_LOG_CONFIG"); path != "" {
		cfg, err = os.ReadFile(path)
	}
	level, unknown := ChooseLevel([]Source{
		{"TARGET_POSTGRES_LOGLEVEL", getenv("TARGET_POSTGRES_LOGLEVEL")},
		{"the root level of SINGER_SDK_LOG_CONFIG", rootLevel(cfg)},
		{"LOGLEVEL", getenv("LOGLEVEL")},
	})
	h := NewHumanHandler(out, level, terminal && getenv("NO_COLOR") == "")
	if bytes.Contains(cfg, []byte("StructuredFormatter")) {
		h = NewStructuredHandler(out, level)
	}
	if err != nil {
		slog.New(h).Warn("SINGER_SDK_LOG_CONFIG is ignored", "error", err)
	}
	for _, warning := range unknown {
		slog.New(h).Warn(warning)
	}
	return h
}

// Source is a place that may name a level, and what it says; empty if it says nothing.
type Source struct{ Place, Level string }

// ChooseLevel returns the level of the first source that names one, INFO if none does. The warnings are about sources
// before it that say something else.
func ChooseLevel(sources []Source) (level slog.Level, warnings []string) {
	for _, s := range sources {
		if s.Level == "" {
			continue
		}
		if level, ok := ParseLevel(s.Level); ok {
			return level, warnings
		}
		warnings = append(warnings, s.Place+" is not a log level and is ignored; the levels are DEBUG, INFO, WARNING, ERROR and CRITICAL")
	}
	return slog.LevelInfo, warnings
}

// ParseLevel reads the name of a level as Python has it (DEBUG, INFO, WARNING, ERROR, CRITICAL), in any case, some
// synonyms of it, or one of Python's numbers; false for anything else.
func ParseLevel(name string) (slog.Level, bool) {
	switch strings.ToUpper(strings.TrimSpace(name)) {
	case "TRACE", "DEBUG", "NOTSET":
		return slog.LevelDebug, true
	case "INFO":
		return slog.LevelInfo, true
	case "WARN", "WARNING":
		return slog.LevelWarn, true
	case "ERROR":
		return slog.LevelError, true
	case "CRITICAL", "FATAL":
		return slog.LevelError + 4, true
	}
	// Python counts DEBUG 10, INFO 20, …, slog DEBUG -4, INFO 0, ….
	n, err := strconv.Atoi(strings.TrimSpace(name))
	if err != nil || n < 0 || n > 50 {
		return 0, false
	}
	return slog.Level((n - 20) * 4 / 10), true
}

// rootBlock finds, in YAML, the indented lines under "root:", and rootYAML in these the level.
var (
	rootBlock = regexp.MustCompile(`(?m)^root:[ \t]*(?:#.*)?\r?\n((?:(?:[ \t]+.*|[ \t]*)\r?(?:\n|\z))+)`)
	rootYAML  = regexp.MustCompile(`(?m)^[ \t]+level:[ \t]*["']?(\w+)`)
)

// rootLevel returns the level of the root logger of a Python logging configuration in JSON or YAML, empty if it has
// none.
func rootLevel(cfg []byte) string {
	var file struct {
		Root struct {
			Level any `json:"level"`
		} `json:"root"`
	}
	if gojson.Unmarshal(cfg, &file) == nil {
		switch level := file.Root.Level.(type) {
		case string:
			return level
		case float64:
			return strconv.Itoa(int(level))
		}
		return ""
	}
	if block := rootBlock.FindSubmatch(cfg); block != nil {
		if level := rootYAML.FindSubmatch(block[1]); level != nil {
			return string(level[1])
		}
	}
	return ""
}

// IsTerminal reports whether a file is a terminal, or what else is written to byte by byte.
func IsTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
