package batch

const (
	// firstChunk keeps a thousand quiet streams cheap. A busy one soon works in whole chunks, which are small enough
	// that those which a hundred streams have begun do not add up. Long rows need chunks that hold several.
	firstChunk = 4 << 10
	// WholeChunk is the size of a busy stream's chunks, in bytes.
	WholeChunk = firstChunk << (chunkSizes - 1)
	largeChunk = 256 << 10
	// chunkSizes are those of a batch's first chunks, each twice the one before it.
	chunkSizes = 3

	// recycledBatches is enough for a few busy streams: what makes a batch large is that its stream is busy.
	recycledBatches = 4
	// quietRows is what a batch holds at most that is not large. Of these, and of their chunks, a few hundred are kept.
	quietRows    = 2048
	recycledMany = 300
)

// Pool recycles batches and chunks between the goroutine that fills them and the one that sends them.
type Pool struct {
	free        [chunkSizes]chan []byte
	quiet, busy chan *Batch
}

// NewPool makes a pool that keeps at most so many whole chunks. 0 keeps none.
func NewPool(chunks int) *Pool {
	p := &Pool{quiet: make(chan *Batch, recycledMany), busy: make(chan *Batch, recycledBatches)}
	for i := range p.free {
		p.free[i] = make(chan []byte, recycledMany)
	}
	p.free[chunkSizes-1] = make(chan []byte, chunks)
	return p
}

// batchesLike returns where batches are that hold so many rows.
func (p *Pool) batchesLike(rows int) chan *Batch {
	if rows > quietRows {
		return p.busy
	}
	return p.quiet
}

// Batch returns an empty batch for a stream whose last one had so many rows.
func (p *Pool) Batch(rows int) *Batch {
	select {
	case b := <-p.batchesLike(rows):
		return b
	default:
		return &Batch{}
	}
}

// get returns an empty chunk of at least need bytes for a batch that has n already.
func (p *Pool) get(n, need int) []byte {
	n = min(n, chunkSizes-1)
	size := firstChunk << n
	switch {
	case need > WholeChunk/2:
		return make([]byte, 0, max(largeChunk, need))
	case need > size:
		return make([]byte, 0, need)
	}
	select {
	case chunk := <-p.free[n]:
		return chunk
	default:
		return make([]byte, 0, size)
	}
}

// put takes a chunk back. Those of other sizes are left to the garbage collector.
func (p *Pool) put(chunk []byte) {
	for n := range p.free {
		if cap(chunk) == firstChunk<<n {
			select {
			case p.free[n] <- chunk[:0]:
			default:
			}
		}
	}
}
