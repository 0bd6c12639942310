package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"target-postgres/target/settings"
)

// description is the one sentence of --about.
const description = "Loads streams of records into PostgreSQL."

// capabilities are those of Meltano's vocabulary that the program has.
func capabilities() []string {
	return []string{
		"about", "activate-version", "batch", "datatype-failsafe", "hard-delete", "schema-flattening", "soft-delete", "stream-maps", "structured-logging",
		"target-schema", "validate-records",
	}
}

// about describes the program and its settings, as singer-sdk's plugins do: Meltano's hub reads the JSON form.
func (p *Program) about() error {
	spec, err := p.Spec()
	if err != nil {
		return err
	}
	switch strings.ToLower(p.flags.format) {
	case "json":
		return p.aboutJSON(spec)
	case "json-schema":
		var schema []byte
		if schema, err = spec.JSONSchema(); err == nil {
			_, err = fmt.Fprintf(p.Stdout, "%s\n", schema)
		}
	case "markdown":
		_, err = fmt.Fprint(p.Stdout, Markdown(spec))
	case "", "text":
		_, err = fmt.Fprint(p.Stdout, p.aboutText(spec))
	default:
		return &usageError{fmt.Sprintf("--format %q is not text, json, json-schema or markdown", p.flags.format)}
	}
	return err
}

func (p *Program) aboutText(spec *settings.Spec) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Name: target-postgres\nDescription: %s\nVersion: %s\nCapabilities: %s\nSettings:\n",
		description, p.plainVersion(), strings.Join(capabilities(), ", "))
	walk(spec.Settings(), func(s settings.Setting) {
		fmt.Fprintf(&b, "  %s (%s%s)\n      %s\n", s.Path, s.Type, defaultOf(s, ", default "), s.Description)
	})
	return b.String()
}

// Markdown is the page of settings: --about --format markdown prints it and docs/settings.md holds it.
func Markdown(spec *settings.Spec) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# `target-postgres`\n\n%s\n\n## Capabilities\n\n", description)
	for _, capability := range capabilities() {
		fmt.Fprintf(&b, "* `%s`\n", capability)
	}
	b.WriteString("\n## Settings\n\n| Setting | Required | Default | Description |\n|:--------|:--------:|:-------:|:------------|\n")
	walk(spec.Settings(), func(s settings.Setting) {
		text := s.Description
		if len(s.Enum) > 0 {
			text += " One of " + wordList(s.Enum) + "."
		}
		if len(s.Aliases) > 0 {
			text += " Also `" + strings.Join(s.Aliases, "`, `") + "`."
		}
		if s.PerStream {
			text += " Also per stream."
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.Path, required(s), defaultOf(s, ""), strings.ReplaceAll(text, "|", `\|`))
	})
	b.WriteString("\nhost, username and database are required unless url or use_pg_env says where the server is. ")
	b.WriteString("A full list of supported settings and capabilities is available by running: `target-postgres --about`\n")
	return b.String()
}

func wordList(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprintf("`%v`", v)
	}
	return strings.Join(words, ", ")
}

func required(s settings.Setting) string {
	if s.Path == "host" || s.Path == "username" || s.Path == "database" {
		return "True"
	}
	return "False"
}

func defaultOf(s settings.Setting, before string) string {
	if s.Default == nil || s.Default == "" {
		return ""
	}
	text, err := json.Marshal(s.Default)
	if err != nil {
		return ""
	}
	return before + strings.Trim(string(text), `"`)
}

// walk visits every setting, those inside objects after their object.
func walk(list []settings.Setting, visit func(settings.Setting)) {
	for _, s := range list {
		visit(s)
		walk(s.Settings, visit)
	}
}

func (p *Program) plainVersion() string { return strings.TrimPrefix(p.Version, "v") }

// aboutJSON prints singer-sdk's keys in singer-sdk's order.
func (p *Program) aboutJSON(spec *settings.Spec) error {
	encoder := json.NewEncoder(p.Stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Name         string         `json:"name"`
		Description  string         `json:"description"`
		Version      string         `json:"version"`
		SDKVersion   string         `json:"sdk_version"`
		Python       []string       `json:"supported_python_versions"`
		Capabilities []string       `json:"capabilities"`
		Settings     map[string]any `json:"settings"`
	}{
		"target-postgres", description, p.plainVersion(), "", nil, capabilities(),
		map[string]any{
			"type": "object", "properties": properties(spec.Settings()),
			"required": []string{"host", "username", "database"},
			"$schema":  "https://json-schema.org/draft/2020-12/schema",
		},
	})
}

// properties is the settings as JSON Schema in singer-sdk's dialect.
func properties(list []settings.Setting) map[string]any {
	all := map[string]any{}
	for _, s := range list {
		name := s.Path[strings.LastIndexByte(s.Path, '.')+1:]
		if strings.Contains(s.Path, "<stream>") {
			continue
		}
		property := map[string]any{"type": []string{s.Type, "null"}, "title": s.Title, "description": s.Description}
		if s.Default != nil {
			property["default"] = s.Default
		}
		if s.Enum != nil {
			property["enum"] = s.Enum
		}
		if s.Secret {
			property["secret"], property["writeOnly"] = true, true
		}
		if inside := properties(s.Settings); len(inside) > 0 {
			property["properties"] = inside
		}
		all[name] = property
	}
	return all
}
