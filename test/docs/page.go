// Package docs holds the documents to what the program does: it runs the examples of every page, and compares the
// tables that spec.json decides.
package docs

import "strings"

// Page is a page in Markdown.
type Page struct {
	Name   string
	Lines  []string
	Blocks []*Block
}

// Block is a fenced block of a page.
type Block struct {
	// Heading is the section that the block is in, Info what stands behind its fence.
	Heading, Info string
	Text          string
	// First and End are the block's lines of the page: from First to before End.
	First, End int
}

// Is reports whether the block's info is a word, or begins with it.
func (b *Block) Is(info string) bool { return b.Info == info || strings.HasPrefix(b.Info, info+" ") }

// File is the name of the file that the block is, "" if it is none.
func (b *Block) File() string {
	_, name, _ := strings.Cut(b.Info, " file=")
	return name
}

// ParsePage finds the fenced blocks of a page.
func ParsePage(name, text string) *Page {
	p := &Page{Name: name, Lines: strings.Split(text, "\n")}
	heading, open := "top", (*Block)(nil)
	for i, line := range p.Lines {
		switch {
		case open != nil && line == "```":
			open.End = i
			open.Text = strings.Join(p.Lines[open.First:i], "\n")
			p.Blocks = append(p.Blocks, open)
			open = nil
		case open == nil && strings.HasPrefix(line, "```"):
			open = &Block{Heading: heading, Info: strings.TrimPrefix(line, "```"), First: i + 1}
		case open == nil && strings.HasPrefix(line, "## "):
			heading = strings.TrimPrefix(line, "## ")
		}
	}
	return p
}
