package parquetfile

import (
	"strconv"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// shape is what a node of the schema becomes in JSON.
type shape uint8

const (
	leaf   shape = iota // a value
	group               // an object with a member for each child
	list                // an array; the child is its element
	object              // an object; the first child is its keys, the second its values
)

// node is a node of the file's schema.
type node struct {
	name string
	// member is what is written before the node's value in an object: a comma unless it is the first, the name, a
	// colon.
	member []byte
	shape  shape
	// def is the definition level from which on the node is not NULL, some the one from which on a list or a map has an
	// element, rep the repetition level of its elements after the first.
	def, some, rep byte
	children       []*node
	// first and last are the columns below the node; last is less than first where there is none.
	first, last int
	// repeats says that a leaf is in a list or a map, whole that it is a field of the row itself.
	repeats, whole bool
	// append writes a leaf's value.
	append render
}

// builder makes nodes of the list of elements that a file has for its schema.
type builder struct {
	elements []format.SchemaElement
	base16   func(field string) bool
	leaves   []*node
}

// tree is the root of a file's schema, and its leaves in the order of the columns.
func tree(elements []format.SchemaElement, base16 func(field string) bool) (root *node, leaves []*node, err error) {
	b := &builder{elements: elements, base16: base16}
	if root, err = b.node(0, 0, 0); err != nil {
		return nil, nil, err
	}
	return root, b.leaves, nil
}

// next takes the next element off the list.
func (b *builder) next() (*format.SchemaElement, error) {
	if len(b.elements) == 0 {
		return nil, &Error{Reason: "its schema ends too early"}
	}
	e := &b.elements[0]
	b.elements = b.elements[1:]
	return e, nil
}

// node makes the next node, in which definition and repetition levels begin at those of its parent.
func (b *builder) node(depth int, def, rep byte) (*node, error) {
	e, err := b.next()
	if err != nil {
		return nil, err
	}
	if depth > 100 {
		return nil, &Error{Reason: "its schema is nested more than 100 levels deep"}
	}
	repetition := format.Required
	if depth > 0 && e.RepetitionType.Valid {
		repetition = e.RepetitionType.V
	}
	switch repetition {
	case format.Optional:
		def++
	case format.Repeated:
		// A field that repeats outside of a list is a list that is never NULL.
		l := &node{name: e.Name}
		l.shape, l.def, l.some, l.rep, l.first = list, def, def+1, rep+1, len(b.leaves)
		element, err := b.content(e, depth, def+1, rep+1)
		l.children, l.last = []*node{element}, len(b.leaves)-1
		return l, err
	}
	return b.content(e, depth, def, rep)
}

// content makes the node of an element, whose own repetition is in the levels already.
func (b *builder) content(e *format.SchemaElement, depth int, def, rep byte) (*node, error) {
	n := &node{name: e.Name}
	n.def, n.first = def, len(b.leaves)
	if e.Type.Valid {
		var err error
		n.repeats, n.whole = rep > 0, rep == 0 && depth == 1
		n.append, err = b.renderOf(e, depth)
		b.leaves = append(b.leaves, n)
		n.last = n.first
		return n, err
	}
	count := int(e.NumChildren.V)
	n.shape = group
	var err error
	switch {
	case isList(e) && count == 1 && b.nextRepeats():
		err = b.list(n, depth, rep)
	case isMap(e) && count == 1 && b.nextRepeats() && b.elements[0].NumChildren.V == 2:
		err = b.object(n, depth, rep)
	default:
		err = b.group(n, count, depth, rep)
	}
	n.last = len(b.leaves) - 1
	return n, err
}

// group makes the members of a group.
func (b *builder) group(n *node, count, depth int, rep byte) error {
	for i := range count {
		child, err := b.node(depth+1, n.def, rep)
		if err != nil {
			return err
		}
		if i > 0 {
			child.member = append(child.member, ',')
		}
		child.member = append(appendQuoted(child.member, []byte(child.name)), ':')
		n.children = append(n.children, child)
	}
	return nil
}

// list makes the element of a list, whose form the format has changed over time.
func (b *builder) list(n *node, depth int, rep byte) error {
	n.shape, n.some, n.rep = list, n.def+1, rep+1
	repeated := b.elements[0]
	inner := len(b.elements) > 1 && b.elements[1].RepetitionType.Valid && b.elements[1].RepetitionType.V == format.Repeated
	if !repeated.Type.Valid && repeated.NumChildren.V == 1 && !inner && repeated.Name != "array" && repeated.Name != n.name+"_tuple" {
		if _, err := b.next(); err != nil { // it only says where elements begin
			return err
		}
		element, err := b.node(depth+2, n.some, n.rep)
		n.children = []*node{element}
		return err
	}
	e, err := b.next()
	if err != nil {
		return err
	}
	element, err := b.content(e, depth+1, n.some, n.rep)
	n.children = []*node{element}
	return err
}

// object makes keys and values of a map.
func (b *builder) object(n *node, depth int, rep byte) error {
	n.shape, n.some, n.rep = object, n.def+1, rep+1
	if _, err := b.next(); err != nil {
		return err
	}
	for range 2 {
		child, err := b.node(depth+2, n.some, n.rep)
		if err != nil {
			return err
		}
		n.children = append(n.children, child)
	}
	return nil
}

func (b *builder) nextRepeats() bool {
	return len(b.elements) > 0 && b.elements[0].RepetitionType.Valid && b.elements[0].RepetitionType.V == format.Repeated
}

func isList(e *format.SchemaElement) bool {
	_, is := e.LogicalType.Value.(*format.ListType)
	return is || e.ConvertedType.Valid && e.ConvertedType.V == deprecated.List
}

func isMap(e *format.SchemaElement) bool {
	_, is := e.LogicalType.Value.(*format.MapType)
	return is || e.ConvertedType.Valid && (e.ConvertedType.V == deprecated.Map || e.ConvertedType.V == deprecated.MapKeyValue)
}

// Error says what is wrong with a file.
type Error struct {
	// Row is the row, counted from 1, 0 if it is not about one.
	Row int64
	// Column is the column, "" if it is not about one.
	Column string
	// Reason says what is wrong, without a value. Err is the cause, nil where Reason says it all.
	Reason string
	Err    error
}

// Error says where and what.
func (e *Error) Error() string {
	text := e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Column != "" {
		text = "column " + strconv.Quote(e.Column) + ": " + text
	}
	if e.Row > 0 {
		text = "row " + strconv.FormatInt(e.Row, 10) + ", " + text
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
