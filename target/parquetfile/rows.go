package parquetfile

import (
	"github.com/parquet-go/parquet-go"

	"target-postgres/internal/tempfile"
)

// limits are what the pages of a row group may take in memory together, and what one column's may in any case.
type limits struct{ all, each int64 }

// usual are the limits of a run.
var usual = limits{all: 32 << 20, each: 48 << 10}

// rowGroup is the row group that is read.
type rowGroup struct {
	cursors []*cursor
	// cached is how many values of a dictionary are kept as JSON.
	cached int

	limits limits
	held   int64
	file   *tempfile.File
	end    int64
}

// open begins a row group.
func (g *rowGroup) open(leaves []*node, of parquet.RowGroup) error {
	chunks := of.ColumnChunks()
	if len(chunks) != len(leaves) {
		return &Error{Reason: "its row groups do not have the columns of its schema"}
	}
	for i, n := range leaves {
		c := &cursor{node: n, rowGroup: g, pages: chunks[i].Pages(), render: n.append, most: n.def, whole: n.whole}
		c.before(n.member)
		g.cursors = append(g.cursors, c)
	}
	return nil
}

// hold counts what a cursor has in memory. It reports false if that is too much.
func (g *rowGroup) hold(c *cursor) bool {
	size := c.size()
	g.held += size - c.held
	c.held = size
	return g.held <= g.limits.all || size <= g.limits.each
}

func (g *rowGroup) close() {
	for _, c := range g.cursors {
		c.close()
	}
	if g.file != nil {
		_ = g.file.Close()
	}
}

// write appends the next value of a node as JSON.
func (g *rowGroup) write(dst []byte, n *node) []byte {
	if n.shape == leaf {
		return g.cursors[n.first].take(dst)
	}
	if n.last < n.first { // a group without columns
		return append(dst, "{}"...)
	}
	if n.def > 0 && g.cursors[n.first].def() < n.def {
		g.skip(n)
		return append(dst, "null"...)
	}
	switch n.shape {
	case list:
		return g.repeated(append(dst, '['), n, ']', func(dst []byte) []byte { return g.write(dst, n.children[0]) })
	case object:
		return g.repeated(append(dst, '{'), n, '}', func(dst []byte) []byte {
			dst = g.key(dst, n.children[0])
			return g.write(append(dst, ':'), n.children[1])
		})
	}
	return g.members(dst, n)
}

// members writes the children of a group.
func (g *rowGroup) members(dst []byte, n *node) []byte {
	dst = append(dst, '{')
	for _, child := range n.children {
		if child.shape == leaf {
			dst = g.cursors[child.first].take(dst)
			continue
		}
		dst = append(dst, child.member...)
		dst = g.write(dst, child)
	}
	return append(dst, '}')
}

// repeated writes the elements of a list or a map.
func (g *rowGroup) repeated(dst []byte, n *node, end byte, element func([]byte) []byte) []byte {
	if g.cursors[n.first].def() < n.some {
		g.skip(n)
		return append(dst, end)
	}
	for {
		dst = element(dst)
		if g.cursors[n.first].rep() != n.rep {
			return append(dst, end)
		}
		dst = append(dst, ',')
	}
}

// key writes the key of a map, which JSON has as a text.
func (g *rowGroup) key(dst []byte, n *node) []byte {
	from := len(dst)
	dst = g.write(dst, n)
	if dst[from] == '"' {
		return dst
	}
	return appendQuoted(dst[:from], append([]byte(nil), dst[from:]...))
}

// skip passes over a node that is NULL, or a list without elements: every column below it has one entry for that.
func (g *rowGroup) skip(n *node) {
	for i := n.first; i <= n.last; i++ {
		g.cursors[i].skip()
	}
}
