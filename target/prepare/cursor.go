package prepare

import (
	"fmt"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/stream"
)

// tellCursor says once that records are not ordered by the cursor that the catalog names, because there is nothing to
// order them by. Airbyte lets a connection keep the cursor of a field that the source no longer has.
func (p *Preparer) tellCursor(s *stream.Stream) {
	cursor := s.Schema.Cursor
	if !s.Airbyte || !s.Keyed() || s.Mode == merge.Replace || s.Config.OrderBy != "" || cursor == "" || s.Ordering() != "" || p.cursors[s.Name] {
		return
	}
	if p.cursors == nil {
		p.cursors = map[string]bool{}
	}
	p.cursors[s.Name] = true
	if s.Declares(cursor) {
		p.Log.Warn(fmt.Sprintf("the cursor field %q orders no records: it has no column, or one without an order", cursor), "stream", s.Name)
		return
	}
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	text := fmt.Sprintf("the cursor field %q orders no records: the stream has no such field", cursor)
	if near := failure.Suggest(cursor, names); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	p.Log.Warn(text, "stream", s.Name)
}
