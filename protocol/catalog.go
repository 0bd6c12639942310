package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	gojson "github.com/goccy/go-json"
)

// The destination sync modes of Airbyte that a database can have.
const (
	SyncAppend      = "append"
	SyncOverwrite   = "overwrite"
	SyncAppendDedup = "append_dedup"
)

// Catalog is Airbyte's ConfiguredAirbyteCatalog: the streams of one sync, in the order of the file.
type Catalog struct {
	Streams []ConfiguredStream
}

// ConfiguredStream is one stream of a Catalog.
type ConfiguredStream struct {
	Stream Stream
	Schema Schema
}

// configuredStream is the form of the file. Keys that are not listed do not concern a destination.
type configuredStream struct {
	Stream *struct {
		Name       string            `json:"name"`
		Namespace  string            `json:"namespace"`
		JSONSchema gojson.RawMessage `json:"json_schema"`
	} `json:"stream"`
	SyncMode          string     `json:"destination_sync_mode"`
	CursorField       []string   `json:"cursor_field"`
	PrimaryKey        [][]string `json:"primary_key"`
	Generation        *int64     `json:"generation_id"`
	MinimumGeneration *int64     `json:"minimum_generation_id"`
	SyncID            *int64     `json:"sync_id"`
}

// ParseCatalog reads a ConfiguredAirbyteCatalog. Its errors are sentences for the user who configured the connection,
// and name the stream.
func ParseCatalog(data []byte) (*Catalog, error) {
	var file struct {
		Streams *[]configuredStream `json:"streams"`
	}
	if err := gojson.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("the catalog is not valid: %w", err)
	}
	if file.Streams == nil {
		return nil, errors.New(`the catalog needs "streams", a list`)
	}
	c := &Catalog{Streams: make([]ConfiguredStream, 0, len(*file.Streams))}
	seen := map[Stream]bool{}
	for i := range *file.Streams {
		from := &(*file.Streams)[i]
		if from.Stream == nil || from.Stream.Name == "" {
			return nil, fmt.Errorf("the catalog's stream number %d has no name", i+1)
		}
		s := ConfiguredStream{Stream: Stream{Namespace: from.Stream.Namespace, Name: from.Stream.Name}}
		if seen[s.Stream] {
			return nil, fmt.Errorf("the catalog has stream %q twice", s.Stream)
		}
		seen[s.Stream] = true
		if err := from.schema(&s.Schema); err != nil {
			return nil, fmt.Errorf("stream %q in the catalog: %w", s.Stream, err)
		}
		c.Streams = append(c.Streams, s)
	}
	return c, nil
}

// schema fills in what the entry says about its stream.
func (c *configuredStream) schema(s *Schema) (err error) {
	s.JSON = bytes.TrimSpace(c.Stream.JSONSchema)
	if !isObject(s.JSON) {
		return errors.New("its json_schema is not an object")
	}
	s.Generation, s.MinimumGeneration, s.SyncID = c.Generation, c.MinimumGeneration, c.SyncID
	if s.SyncMode, err = c.syncMode(); err != nil {
		return err
	}
	keys, nested := topLevel(c.PrimaryKey)
	if nested {
		s.KeyPaths = slices.DeleteFunc(slices.Clone(c.PrimaryKey), func(path []string) bool { return len(path) == 0 })
	}
	s.KeyProperties, s.HasKeyProperties = unique(keys), len(keys) > 0
	switch len(c.CursorField) {
	case 0:
	case 1:
		s.Cursor = c.CursorField[0]
	default:
		s.CursorPath = c.CursorField
	}
	return nil
}

// syncMode returns one of the three modes. overwrite_dedup, of older platforms, is append_dedup where generations say
// what to remove, and overwrite where nothing does.
func (c *configuredStream) syncMode() (string, error) {
	mode := strings.ReplaceAll(strings.ToLower(c.SyncMode), "-", "_")
	switch mode {
	case SyncAppend, SyncOverwrite, SyncAppendDedup:
		return mode, nil
	case "":
		return SyncAppend, nil
	case "upsert_dedup":
		return SyncAppendDedup, nil
	case "overwrite_dedup":
		if c.Generation != nil {
			return SyncAppendDedup, nil
		}
		return SyncOverwrite, nil
	}
	return "", fmt.Errorf("its destination_sync_mode %q is not supported; choose overwrite, append or append_dedup", sanitize([]byte(mode)))
}

// topLevel returns the names of paths that have one element each. If a path has more, nested is true and there are no
// names.
func topLevel(paths [][]string) (names []string, nested bool) {
	for _, path := range paths {
		switch len(path) {
		case 0:
		case 1:
			names = append(names, path[0])
		default:
			return nil, true
		}
	}
	return slices.Clip(names), false
}
