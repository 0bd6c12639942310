package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sources are the packages whose messages a user can meet. Those of merge are about jobs that the program itself has
// made wrongly.
func sources() []string {
	return []string{"internal/cli", "internal/jsonscan", "internal/logging", "internal/pgserver", "internal/tempfile", "protocol", "target", "tunnel", "typemap"}
}

// The page of troubleshooting has an entry for every message, by the words of it that never change.
func TestTroubleshootingPageHasEveryMessage(t *testing.T) {
	t.Parallel()
	messages, page := allMessages(t), troubleshooting(t)
	found := 0
	for _, message := range messages {
		words := FixedWords(message)
		if words == "" {
			continue
		}
		found++
		if !strings.Contains(page, words) {
			t.Errorf("docs/troubleshooting.md has no entry for %q: the words to look for are %q", message, words)
		}
	}
	if found < 250 {
		t.Errorf("only %d messages were found", found)
	}
}

var (
	entryRow = regexp.MustCompile(`(?m)^\| (.*?) \| `)
	entry    = regexp.MustCompile("`([^`]+)`")
)

// What it lists, the program says: in a message that was found, or in a text that reaches one in a variable.
func TestTroubleshootingPageHasNoMessageOfThePast(t *testing.T) {
	t.Parallel()
	messages, code := allMessages(t), sourceText(t)
	_, list, _ := strings.Cut(troubleshooting(t), "\n## Every message\n")
	checked := 0
	for _, row := range entryRow.FindAllStringSubmatch(list, -1) {
		for _, of := range entry.FindAllStringSubmatch(row[1], -1) {
			words := FixedWords(of[1])
			if words == "" {
				continue
			}
			checked++
			if !slices.ContainsFunc(messages, func(m string) bool { return strings.Contains(m, words) }) && !strings.Contains(code, words) {
				t.Errorf("no message says %q", of[1])
			}
		}
	}
	if checked < 250 {
		t.Errorf("only %d entries were found", checked)
	}
}

// The texts of messages are found in each of the forms that the source has for them.
func TestMessagesAreFoundInTheSource(t *testing.T) {
	t.Parallel()
	messages, err := Messages("test/docs/testdata/messages")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a reason by its name", "a reason of … parts", "a warning of the log", "an error that … passes on", "a setting's reason", "for Singer", "for Airbyte",
		"gathered for later", "a reason that is assigned", "a line of the log", "a text in a variable: …", "what a function returns",
		"what it returns otherwise", "a reason that a function takes", "a constant that is passed on",
	}
	for _, message := range want {
		if !slices.Contains(messages, message) {
			t.Errorf("%q was not found in %q", message, messages)
		}
	}
	if slices.Contains(messages, "no message at all") {
		t.Error("a text that is no message was taken for one")
	}
}

func allMessages(t *testing.T) []string {
	t.Helper()
	messages, err := Messages(sources()...)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// sourceText is the code of the packages, without tests.
func sourceText(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, root := range sources() {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

func troubleshooting(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
