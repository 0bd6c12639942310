package batch

// Span is where a row is in its batch: a chunk, and the bytes in it.
type Span struct{ chunk, start, end int32 }

// Spans finds all rows of a batch, so that parts of it can be cut out without looking at every byte again.
func (b *Batch) Spans() []Span {
	spans := make([]Span, 0, len(b.RowsAt))
	for i, chunk := range b.Chunks {
		for start := 0; start < len(chunk); {
			end := start + rowEnd(chunk[start:])
			spans = append(spans, Span{chunk: int32(i), start: int32(start), end: int32(end)})
			start = end
		}
	}
	return spans
}

// Cut is the batch of the rows from one index to before another, in the same memory. The flags stay: they may only say
// too much.
func (b *Batch) Cut(spans []Span, from, to int) *Batch {
	part := *b
	part.RowsAt, part.Chunks, part.Size = b.RowsAt[from:to:to], nil, 0
	part.Owners = b.Owners[min(from, len(b.Owners)):min(to, len(b.Owners))]
	for i := from; i < to; {
		first, last := spans[i], i
		for last+1 < to && spans[last+1].chunk == first.chunk {
			last++
		}
		end := spans[last].end
		part.Chunks = append(part.Chunks, b.Chunks[first.chunk][first.start:end:end])
		part.Size += int(end - first.start)
		i = last + 1
	}
	return &part
}
