package dialect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"target-postgres/target/failure"
)

// Compatibility names another target whose tables the program continues, as that target would.
type Compatibility string

// The targets whose tables can be continued.
const (
	LikeMeltanolabs  Compatibility = "meltanolabs"
	LikePipelinewise Compatibility = "pipelinewise"
	LikeDatamill     Compatibility = "datamill"
)

// Setting is a documented setting of another Singer target for PostgreSQL.
type Setting struct {
	// Name is dotted where the setting stands in an object.
	Name string
	// Ours is the setting that it becomes, "" where there is none.
	Ours string
	// Meaning says what becomes of it, for docs/migrating.md.
	Meaning string
	// apply translates a value that has no setting of the same meaning; nil where Ours is only another name or the
	// setting has no effect here.
	apply func(*translation, any) error
}

// Target is another Singer target for PostgreSQL, with all its documented settings.
type Target struct {
	// Name is the project's name.
	Name string
	// Compatibility is the value of our setting compatibility that continues its tables.
	Compatibility Compatibility
	// Settings are all that its documentation lists.
	Settings []Setting
}

// translation is a configuration of another target on its way to being ours.
type translation struct {
	given map[string]any
	notes []string
	// theirs are the settings as they were given.
	theirs map[string]any
}

func (t *translation) notef(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// unless sets what the user has not said.
func (t *translation) unless(name string, value any) {
	if _, said := t.given[name]; !said {
		t.given[name] = value
	}
}

func (t *translation) remove(names ...string) {
	for _, name := range names {
		delete(t.given, name)
	}
}

// Translate turns the settings of another target into ours and returns what its user should know. own are those given
// that are not ours. Settings that are only named differently are aliases, which stay for later: kept reports whether
// one is. The error is a *failure.ConfigError about a setting that has no equivalent.
func Translate(given map[string]any, own []string, kept func(name string) bool) ([]string, error) {
	t := &translation{given: given, theirs: maps.Clone(given)}
	theirs, certain := detectDialect(given, own)
	if wanted := given["compatibility"]; certain || (wanted != nil && wanted != "none") {
		defer t.leaveTLSToServer()
	}
	if theirs == nil {
		return nil, nil
	}
	if certain && given["compatibility"] == nil {
		t.notef("this looks like a configuration of %s: set compatibility to %s to continue its tables under their names",
			theirs.Name, theirs.Compatibility)
	}
	for _, setting := range theirs.Settings {
		if !slices.Contains(own, setting.Name) {
			continue
		}
		value, present := given[setting.Name]
		if !present {
			continue
		}
		if !kept(setting.Name) {
			delete(given, setting.Name)
		}
		if setting.apply == nil {
			continue
		}
		if err := setting.apply(t, value); err != nil {
			return nil, err
		}
	}
	return t.notes, nil
}

// leaveTLSToServer does as libpq, to which all of them left it: encrypted where the server offers it. A URL says it
// itself.
func (t *translation) leaveTLSToServer() {
	for _, name := range []string{"url", "sqlalchemy_url", "dsn"} {
		if _, said := t.given[name]; said {
			return
		}
	}
	t.unless("use_tls", true)
}

// Ambiguous are settings of ours whose names another target uses with a meaning that differs in part.
func Ambiguous() []string { return []string{"ssl", "ssl_mode"} }

// detectDialect finds the target that a configuration was written for: the one that compatibility names, else the one
// with most of the keys that are not ours. certain is true if one of the keys is an alias of no setting of ours, or
// belongs to that target alone.
func detectDialect(given map[string]any, own []string) (theirs *Target, certain bool) {
	best := 0
	for _, candidate := range Targets() {
		if wanted, ok := given["compatibility"].(string); ok && wanted != "none" && Compatibility(wanted) != candidate.Compatibility {
			continue
		}
		count := 0
		for _, setting := range candidate.Settings {
			if slices.Contains(own, setting.Name) && !slices.Contains(Ambiguous(), setting.Name) {
				count++
			}
		}
		if count > best {
			best, theirs = count, &candidate
		}
	}
	return theirs, best >= suspicious || (theirs != nil && slices.ContainsFunc(own, theirs.certain))
}

// suspicious is the number of another target's keys that make a configuration look like that target's. One is not
// enough: a user may write some of them, such as user, by mistake.
const suspicious = 2

// certain reports whether only this target has a setting of that name, which is not just another name for one of ours.
func (f *Target) certain(name string) bool {
	return slices.ContainsFunc(f.Settings, func(s Setting) bool {
		return s.Name == name && (s.Ours == "" || s.apply != nil)
	})
}

// refuse is what a setting does that has no equivalent: it stops the run rather than being ignored.
func refuse(name, hint string) func(*translation, any) error {
	return func(_ *translation, value any) error {
		if isOff(value) {
			return nil
		}
		return &failure.ConfigError{Setting: name, Reason: "has no equivalent in target-postgres", Hint: hint}
	}
}

// isOff reports whether a value leaves a setting without effect.
func isOff(value any) bool {
	switch v := value.(type) {
	case string:
		return v == "" || v == "{}" || v == "0" || strings.EqualFold(v, "false")
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	case bool:
		return !v
	case nil:
		return true
	}
	return fmt.Sprint(value) == "0"
}
