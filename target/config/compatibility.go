package config

import (
	"regexp"
	"strings"

	"target-postgres/target/dialect"
)

// continueTables fills in the defaults of the target whose tables are to be continued. The user's own settings win.
func continueTables(given map[string]any) {
	unless := func(name string, value any) {
		if _, said := given[name]; !said {
			given[name] = value
		}
	}
	continued, _ := given["compatibility"].(string)
	switch dialect.Compatibility(continued) {
	case dialect.LikeMeltanolabs:
		unless("schema", "melty")
		unless("add_record_metadata", true)
	case dialect.LikePipelinewise:
		// It deletes by its column _sdc_deleted_at, so hard_delete brings the metadata columns with it.
		unless("add_record_metadata", given["hard_delete"] == true)
		// It knows no versions, so none of the rows it loaded has one: to act on ACTIVATE_VERSION would remove them
		// all.
		unless("activate_version", false)
		if schema, ok := given["schema"].(string); ok {
			given["schema"] = strings.ToLower(schema) // unquoted there
		}
	case dialect.LikeDatamill:
		unless("host", "localhost")
		unless("add_record_metadata", true)
	}
}

// SplitName is the schema and the table that a stream's name stands for, as the target does it whose tables are
// continued. Without a schema in the name, it is "".
func (c *Config) SplitName(name string) (schema, table string) {
	switch c.Compatibility {
	case dialect.LikeMeltanolabs:
		// The schema in the name counts only where default_target_schema was emptied.
		parts := strings.Split(name, "-")
		if n := len(parts); c.schemaFromName() && (n == 2 || n == 3) {
			schema = parts[n-2]
		}
		return schema, parts[len(parts)-1]
	case dialect.LikePipelinewise:
		parts := strings.Split(name, "-")
		switch {
		case len(parts) == 2:
			name = parts[1]
		case len(parts) > 2:
			name = strings.Join(parts[2:], "_")
		}
		if c.Naming == SnakeCase {
			return "", name
		}
		return "", strings.ToLower(strings.NewReplacer(".", "_", "-", "_").Replace(name))
	case dialect.LikeDatamill:
		if c.Naming == SnakeCase {
			return "", name
		}
		return "", datamillName(name)
	}
	separator := c.StreamNameSeparator
	if separator == "" {
		return "", name
	}
	if at := strings.LastIndex(name, separator); at > 0 && at+len(separator) < len(name) {
		return name[:at], name[at+len(separator):]
	}
	return "", name
}

// schemaFromName reports whether a config of meltanolabs' target emptied its schema: translate remembers it so.
func (c *Config) schemaFromName() bool { return c.StreamNameSeparator != "" }

var notDatamill = regexp.MustCompile(`[^\p{L}\p{N}_$]`)

func datamillName(name string) string {
	return notDatamill.ReplaceAllString(strings.ToLower(name), "_")
}
