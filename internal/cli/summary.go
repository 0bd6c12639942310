package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"target-postgres/internal/report"
	"target-postgres/target"
	"target-postgres/target/failure"
	"target-postgres/target/summary"
)

// proveSummary makes sure that the file of --summary can be written, before anything is loaded. A file that is there
// keeps its contents until the run is over, and one that is not there is not left behind.
func (p *Program) proveSummary() error {
	path := p.flags.summary
	if path == "" || p.flags.dryRun {
		return nil
	}
	info, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil // a pipe is opened when there is something for its reader
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err == nil {
		err = file.Close()
		if isNew {
			err = errors.Join(err, os.Remove(path))
		}
	}
	if err != nil {
		return unwritable("--summary", path, err)
	}
	return nil
}

// unwritable says why the file of a flag cannot be written.
func unwritable(flag, name string, err error) error {
	return &failure.ConfigError{
		Reason: fmt.Sprintf("%s: %s cannot be written", flag, shown(name)), Err: withoutPath(err),
		Hint: "give " + flag + " a file in a directory that is there and can be written to",
	}
}

// summarise says what became of a run, in the log and in the file of --summary, also when it failed. It returns the
// outcome; a file that cannot be written is one only where there is no other.
func (p *Program) summarise(run *target.Target, outcome error) error {
	if p.flags.dryRun {
		return outcome
	}
	sum := run.Summary(outcome)
	sum.Log(p.log)
	if p.flags.summary == "" {
		return outcome
	}
	data, err := written(p.flags.summary, sum)
	if err == nil {
		err = os.WriteFile(p.flags.summary, data, 0o600)
	}
	if err == nil {
		return outcome
	}
	err = unwritable("--summary", p.flags.summary, err)
	if outcome == nil {
		return err
	}
	p.log.Error(err.Error())
	return outcome
}

// written is the summary in the form that the file's name asks for: a page for .html, else JSON.
func written(name string, sum *summary.Run) ([]byte, error) {
	if ext := strings.ToLower(filepath.Ext(name)); ext == ".html" || ext == ".htm" {
		var page bytes.Buffer
		err := report.Write(&page, sum)
		return page.Bytes(), err
	}
	data, err := json.MarshalIndent(sum, "", "  ")
	return append(data, '\n'), err
}
