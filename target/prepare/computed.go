package prepare

import (
	"fmt"
	"slices"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/stream"
)

// computed says which fields of the stream have a column that the server computes: they are left out. A key cannot be.
func (p *Preparer) computed(s *stream.Stream, have *pgcatalog.Table) error {
	for i, f := range s.Fields {
		c := have.Column(s.Names[i])
		if c == nil || c.Writable() {
			continue
		}
		if s.Keyed() && slices.Contains(s.Key, c.Name) {
			return &failure.Error{
				Blame: failure.Configuration, Stream: s.Name, Column: c.Name,
				Reason: fmt.Sprintf("the key column of %s is generated: the server computes it, and rows cannot be matched by what the stream brings", have),
				Hint:   fmt.Sprintf("name another key with key_properties in %s, or make it a plain column: ALTER TABLE … ALTER COLUMN %q DROP EXPRESSION", s.Entry(), c.Name),
			}
		}
		if !slices.Contains(s.ToldComputed, f.Name) {
			s.ToldComputed = append(s.ToldComputed, f.Name)
			p.Log.Info("field is left out: its column is generated, and the server computes it", "stream", s.Name, "field", f.Name)
		}
	}
	return nil
}
