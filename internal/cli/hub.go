package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/settings"
)

// HubDefinition is the loader's entry for Meltano Hub, in YAML: release/meltano-hub.yml holds it.
func HubDefinition(spec *settings.Spec) string {
	var b strings.Builder
	b.WriteString(`# Generated from spec.json by the test of the same name; a copy of it is what Meltano Hub wants.
name: target-postgres
namespace: target_postgres
variant: singular
label: PostgreSQL
description: ` + yaml(description) + `
dialect: postgres
pip_url: singular-target-postgres
executable: target-postgres
maintenance_status: active
quality: gold
supported_python_versions: ['3.10', '3.11', '3.12', '3.13', '3.14']
target_schema: $TARGET_POSTGRES_SCHEMA
keywords: [airbyte_destination, database]
capabilities:
`)
	for _, capability := range capabilities() {
		fmt.Fprintf(&b, "- %s\n", capability)
	}
	b.WriteString("settings_group_validation:\n- [host, username, database]\n- [url]\nsettings:\n")
	walk(spec.Settings(), func(s settings.Setting) {
		// Meltano knows the settings inside an object by their dotted names.
		outer := strings.Contains(s.Path, "<stream>") || (len(s.Settings) > 0 && s.Path != "streams")
		if !outer && !slices.Contains(airbyteSettings(), s.Path) {
			hubSetting(&b, s)
		}
	})
	return b.String()
}

// airbyteSettings are those that only speak to configurations of Airbyte's destination.
func airbyteSettings() []string {
	return []string{
		"ssl", "tunnel_method", "jdbc_url_params", "airbyte_compatible_names", "cdc_deletion_mode", "disable_type_dedupe",
		"raw_data_schema", "drop_cascade", "unconstrained_number",
	}
}

func hubSetting(b *strings.Builder, s settings.Setting) {
	fmt.Fprintf(b, "- name: %s\n  label: %s\n  description: %s\n  kind: %s\n", s.Path, yaml(s.Title), yaml(s.Description), hubKind(s))
	if s.Secret {
		b.WriteString("  sensitive: true\n")
	}
	// Meltano hands every value over that stands here. The program has the same defaults, and can tell them from what a
	// user says: a port beside a URL, say.
	if s.Path == "schema" {
		b.WriteString("  value: $MELTANO_EXTRACT__LOAD_SCHEMA\n")
	}
	if len(s.Enum) > 0 {
		b.WriteString("  options:\n")
		for _, value := range s.Enum {
			fmt.Fprintf(b, "  - {label: %s, value: %s}\n", yaml(hubLabel(fmt.Sprint(value))), yaml(value))
		}
	}
}

// hubKind is the setting's type in Meltano's words.
func hubKind(s settings.Setting) string {
	switch {
	case s.Secret:
		return "password"
	case len(s.Enum) > 0:
		return "options"
	case s.Type == "number":
		return "decimal"
	}
	return s.Type
}

func hubLabel(value string) string {
	value = strings.NewReplacer("_", " ", "-", " ").Replace(value)
	if value == "" {
		return value
	}
	return strings.ToUpper(value[:1]) + value[1:]
}

// yaml writes a value as JSON, which YAML is a superset of.
func yaml(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return `""`
	}
	return string(text)
}
