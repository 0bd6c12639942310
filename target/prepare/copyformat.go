package prepare

import (
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
	"target-postgres/typemap"
)

// tellFormat says why a stream's rows go as CSV although another format is asked for.
func (p *Preparer) tellFormat(s *stream.Stream) {
	if s.Config.CopyFormat != typemap.CopyBinary {
		return
	}
	if column, typ, is := tablewrite.TextOnly(s.Layout); is {
		p.Log.Debug("rows are sent as CSV: only the server reads values of a column's type", "stream", s.Name, "column", column, "type", typ.Name)
	}
}
