package settings

import (
	"maps"
	"slices"
)

// Setting describes one setting, for documentation.
type Setting struct {
	// Path is the dotted name; a setting of each stream has "<stream>" in it, one of each field "<field>".
	Path               string
	Title, Description string
	// Type is JSON Schema's: "string", "integer", "number", "boolean", "array" or "object".
	Type string
	// Default is nil where there is none, and Enum where every value of the type will do.
	Default any
	Enum    []any
	// Aliases are other names that it may be given by.
	Aliases []string
	// Secret is true for a value that is not shown.
	Secret bool
	// PerStream reports whether entries of the setting streams may have it, too.
	PerStream bool
	// Settings are those inside an object, in order.
	Settings []Setting
}

// Settings lists all settings in their order in spec.json.
func (s *Spec) Settings() []Setting { return s.root.settings("") }

func (n *node) settings(path string) []Setting {
	names := slices.Collect(maps.Keys(n.Properties))
	slices.SortFunc(names, func(a, b string) int {
		if byOrder := n.Properties[a].Order - n.Properties[b].Order; byOrder != 0 {
			return byOrder
		}
		return slices.Index(n.keys, a) - slices.Index(n.keys, b)
	})
	list := make([]Setting, 0, len(names))
	for _, name := range names {
		list = append(list, n.Properties[name].setting(join(path, name)))
	}
	return list
}

// key stands for the user's own keys of an object.
func (n *node) key() string {
	if n.KeyOf == "" {
		return "<stream>"
	}
	return "<" + n.KeyOf + ">"
}

func (n *node) setting(path string) Setting {
	described := Setting{
		Path: path, Title: n.Title, Description: n.Description, Type: n.Type, Default: n.Default,
		Enum: n.Enum, Aliases: n.Aliases, Secret: n.Secret, PerStream: n.PerStream, Settings: n.settings(path),
	}
	if n.Open != nil {
		described.Settings = append(described.Settings, n.Open.settings(path+"."+n.key())...)
	}
	return described
}
