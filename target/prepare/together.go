package prepare

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/ddl"
	"target-postgres/target/failure"
	"target-postgres/target/stream"
)

// Newcomer is a stream that was described and is not prepared yet, and the line of its SCHEMA.
type Newcomer struct {
	Stream *stream.Stream
	Line   int64
}

// Expect takes a new stream, which waits for those that are described after it: their tables are made together.
func (p *Preparer) Expect(s *stream.Stream, line int64) {
	p.newcomers = append(p.newcomers, Newcomer{Stream: s, Line: line})
}

// Newcomers are the streams that waited, each of which is to be prepared now. It makes their new tables together. What
// cannot be made here is left to the preparation of its stream, and so is every fault.
func (p *Preparer) Newcomers() []Newcomer {
	waited := p.newcomers
	p.newcomers = nil
	if len(waited) < 2 || p.Dry {
		return waited
	}
	tables := make([]ddl.NewTable, len(waited))
	for i, n := range waited {
		tables[i] = ddl.NewTable{Want: p.wanted(n.Stream), Policy: n.Stream.Config.MigrationPolicy}
	}
	_ = p.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) (err error) {
		defer p.Pipeline.Telemetry.Span("create tables", nil)(&err)
		return failure.FromServer("", "create tables", p.Migrator.CreateAll(ctx, conn, tables))
	})
	return waited
}
