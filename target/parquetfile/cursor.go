package parquetfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// cursor walks over the values of one column in one row group, NULLs included.
type cursor struct {
	node *node
	// rowGroup is what the cursors share.
	rowGroup *rowGroup
	pages    parquet.Pages
	page     parquet.Page
	// aside are the rest of the column's values if its pages do not fit in memory, nil if they do.
	aside *aside

	// defs and reps are the levels of a page's entries, nil if all are the same. entries is how many there are, at
	// which one the cursor is, and value which of the values that is, or would be.
	defs, reps         []byte
	entries, at, value int
	// member is written before each value, null is it and what NULL is.
	member, null []byte
	// render writes the values: the page's own, or those of the dictionary that it refers to by index. Of a dictionary
	// that is written already, text has the values and what is before them, up to ends.
	render  render
	values  values
	indexes []int32
	cache   *cache
	text    []byte
	ends    []uint32
	// whole says that the values are looked for ahead where text has them. ahead are the next ones, up to filled, of
	// which next comes next. The entries have passed them already.
	whole        bool
	ahead        [64]span
	next, filled int
	// most is the column's highest definition level, and held what the page takes in memory.
	most byte
	held int64
	over bool
}

// span is where a value and what is before it are in a text.
type span struct{ from, to uint32 }

// cache is a dictionary whose values are written already.
type cache struct {
	of   parquet.Dictionary
	held int64
	// values are those of the dictionary; text has them as JSON, up to ends, unless that would take too much memory.
	// What NULL is comes after them.
	values values
	text   []byte
	ends   []uint32
}

// before sets what is written before each value.
func (c *cursor) before(member []byte) {
	c.member, c.null = member, slices.Concat(member, []byte("null"))
	if c.ends != nil {
		c.cache = c.written(c.cache.of)
		c.text, c.ends = c.cache.text, c.cache.ends
	}
}

// ready makes the cursor stand at an entry. It reports false at the end of the column.
func (c *cursor) ready() bool {
	for c.at >= c.entries {
		if c.over {
			return false
		}
		c.load()
	}
	return true
}

// def is the definition level of the entry.
func (c *cursor) def() byte {
	if !c.ready() {
		panic(&Error{Column: c.node.name, Reason: "it has fewer values than rows"})
	}
	if c.defs == nil {
		return c.most
	}
	return c.defs[c.at]
}

// rep is the repetition level of the entry, that of a new row at the end.
func (c *cursor) rep() byte {
	if !c.ready() || c.reps == nil {
		return 0
	}
	return c.reps[c.at]
}

// skip passes over an entry without writing it.
func (c *cursor) skip() {
	if c.def() == c.most {
		c.value++
	}
	c.at++
}

// take writes the value of the entry, or null, and goes on to the next.
func (c *cursor) take(dst []byte) []byte {
	if c.next < c.filled {
		s := c.ahead[c.next]
		c.next++
		return appendShort(dst, c.text, s.from, s.to)
	}
	if c.at >= c.entries {
		c.def()
	}
	if c.ends != nil && c.whole {
		c.lookAhead()
		return c.take(dst)
	}
	at := c.at
	c.at++
	if len(c.defs) > 0 && c.defs[at] < c.most {
		return append(dst, c.null...)
	}
	i := c.value
	c.value++
	if c.ends != nil {
		i = int(c.indexes[i])
		return appendShort(dst, c.text, c.ends[i], c.ends[i+1])
	}
	dst = append(dst, c.member...)
	if c.indexes == nil {
		return c.render(dst, &c.values, i)
	}
	return c.render(dst, &c.cache.values, int(c.indexes[i]))
}

// lookAhead finds the next values. It does so for many of a column, because the memory that has them, side by side with
// that of other columns, does not stay in the processor's cache from one row to the next.
func (c *cursor) lookAhead() {
	n := min(len(c.ahead), c.entries-c.at)
	null := span{c.ends[len(c.ends)-1], uint32(len(c.text) - short)}
	for i := range n {
		if len(c.defs) > 0 && c.defs[c.at+i] < c.most {
			c.ahead[i] = null
			continue
		}
		index := c.indexes[c.value]
		c.ahead[i] = span{c.ends[index], c.ends[index+1]}
		c.value++
	}
	c.at += n
	c.next, c.filled = 0, n
}

// short is the length up to which a text is copied as one of that length, which takes a fraction of the time.
const short = 32

// appendShort appends a part of a text that goes on for as long behind it.
func appendShort(dst, text []byte, from, to uint32) []byte {
	n := len(dst)
	if to-from > short || cap(dst)-n < short {
		return append(dst, text[from:to]...)
	}
	into, of := (*[short]byte)(dst[n:n+short]), (*[short]byte)(text[from:from+short])
	for i := 0; i < short; i += 8 { // in registers: to assign an array calls a function, because the two may overlap
		binary.LittleEndian.PutUint64(into[i:], binary.LittleEndian.Uint64(of[i:]))
	}
	return dst[:n+int(to-from)]
}

// load makes the next page the cursor's.
func (c *cursor) load() {
	if c.aside != nil {
		c.over = !c.aside.load(c)
		return
	}
	c.release()
	page, err := c.pages.ReadPage()
	if err != nil && !errors.Is(err, io.EOF) {
		panic(&Error{Column: c.node.name, Reason: "a page cannot be read", Err: err})
	}
	if page == nil || err != nil {
		c.over = true
		return
	}
	c.use(page)
	if c.rowGroup.hold(c) {
		return
	}
	if err := c.setAside(); err != nil {
		panic(err)
	}
	c.over = !c.aside.load(c)
}

// use makes a page the cursor's.
func (c *cursor) use(page parquet.Page) {
	c.page, c.at, c.value = page, 0, 0
	c.entries = int(page.NumValues())
	c.defs, c.reps, c.indexes, c.text, c.ends = nil, nil, nil, nil, nil
	if c.most > 0 {
		c.defs = page.DefinitionLevels()
	}
	if c.node.repeats {
		c.reps = page.RepetitionLevels()
	}
	if len(c.defs) == 0 {
		c.defs = nil
	}
	dictionary := page.Dictionary()
	if dictionary == nil {
		c.values = valuesOf(page.Data())
		return
	}
	data := page.Data()
	c.indexes = data.Int32()
	if c.cache == nil || c.cache.of != dictionary {
		c.cache = c.written(dictionary)
	}
	c.text, c.ends = c.cache.text, c.cache.ends
}

// written writes the values of a dictionary once, if they are few and short.
func (c *cursor) written(dictionary parquet.Dictionary) *cache {
	made := &cache{of: dictionary, held: dictionary.Page().Size(), values: valuesOf(dictionary.Page().Data())}
	n := dictionary.Len()
	if n > c.rowGroup.cached || made.held > 16*int64(c.rowGroup.cached) {
		return made
	}
	made.ends = make([]uint32, 1, n+1)
	for i := range n {
		made.text = c.render(append(made.text, c.member...), &made.values, i)
		made.ends = append(made.ends, uint32(len(made.text)))
	}
	made.text = append(append(made.text, c.null...), make([]byte, short)...)
	return made
}

// release lets go of the page.
func (c *cursor) release() {
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
	c.entries, c.at = 0, 0
}

// size is what the cursor holds in memory.
func (c *cursor) size() int64 {
	n := int64(0)
	if c.page != nil {
		n = c.page.Size()
	}
	if c.cache != nil {
		n += c.cache.held + int64(len(c.cache.text)+4*len(c.cache.ends))
	}
	return n
}

func (c *cursor) close() {
	c.release()
	if c.pages != nil {
		_ = c.pages.Close()
	}
}

// damaged is the error that a panic of the library, or of ours over what it gave, stands for.
func damaged(recovered any) error {
	if e, ok := recovered.(error); ok {
		if own, is := errors.AsType[*Error](e); is {
			return own
		}
	}
	return &Error{Reason: "it is damaged", Err: fmt.Errorf("%v", recovered)}
}
