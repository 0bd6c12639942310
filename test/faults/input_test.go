//go:build unix

package faults

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tap is everything that a tap has to say. It can be taken up at any STATE, as a tap that is started again would.
type tap struct {
	messages []message
	// closing comes after them, and catalog before, where Airbyte wants it.
	closing []message
	catalog string
}

// message is one line of a tap.
type message struct {
	raw    string // without newline
	kind   string
	stream string
	// event is what a RECORD says, for those who check the tables.
	event event
	// removed are the keys that an ACTIVATE_VERSION removes.
	removed []string
	// state is the bare value of a STATE.
	state string
}

// event is a change of one key. Its revision is the number of the message, so that revisions of a key only grow; a
// record that is sent again unchanged has the revision it had.
type event struct {
	key  string
	rev  int
	gone bool
}

// position is the number of messages up to and including a STATE, which its value holds.
func (m message) position() int { return positionIn([]byte(m.state)) }

func positionIn(state []byte) int {
	found := positionPattern.FindSubmatch(state)
	switch {
	case !json.Valid(state):
		return -1
	case found == nil:
		return 0
	}
	position, _ := strconv.Atoi(string(found[1]))
	return position
}

var positionPattern = regexp.MustCompile(`"position":(\d+)`)

// from returns what a tap says that is given the STATE of a position: the schemas as they are there, and the rest.
func (t *tap) from(position int) []message {
	if position == 0 || t.catalog != "" {
		return append(slices.Clone(t.messages[position:]), t.closing...)
	}
	schemas := map[string]int{}
	var out []message
	for _, m := range t.messages[:position] {
		if m.kind != "SCHEMA" {
			continue
		}
		if at, known := schemas[m.stream]; known {
			out[at] = m
			continue
		}
		schemas[m.stream] = len(out)
		out = append(out, m)
	}
	return append(out, t.messages[position:]...)
}

// bytes is the size of all messages.
func (t *tap) bytes() int {
	n := 0
	for _, m := range t.messages {
		n += len(m.raw) + 1
	}
	return n
}

// states are the messages of that kind.
func (t *tap) states() []message {
	var states []message
	for _, m := range t.messages {
		if m.kind == "STATE" {
			states = append(states, m)
		}
	}
	return states
}

// padded is the same tap with states so large that a single one fills a pipe.
func (t *tap) padded() *tap {
	pad := `{"pad":"` + strings.Repeat("x", 70_000) + `",`
	other := &tap{messages: make([]message, len(t.messages)), closing: t.closing, catalog: t.catalog}
	for i, m := range t.messages {
		if m.kind == "STATE" {
			m.state = pad + m.state[1:]
			m.raw = stateMessage(m.state)
		}
		other.messages[i] = m
	}
	return other
}

func stateMessage(value string) string { return `{"type":"STATE","value":` + value + `}` }

// generator makes a tap from a seed.
type generator struct {
	r       *rand.Rand
	out     tap
	sources []*source
	records int
	at      time.Time
	orderly bool
	// old inputs have negative revisions, so that their rows are known from those of the input proper.
	old bool
}

// records is the size of an input: enough for some twenty checkpoints.
const records = 420

// newTap makes an input for a load mode.
func newTap(seed uint64, m mode) *tap {
	g := &generator{
		r: rand.New(rand.NewPCG(seed, 1)), sources: m.sources(), orderly: m.orderly,
		at: time.Date(2024, 2, 29, 22, 0, 0, 0, time.UTC),
	}
	return g.tap(records, m)
}

// oldTap makes the input of an earlier run.
func oldTap(seed uint64, m mode) *tap {
	g := &generator{
		r: rand.New(rand.NewPCG(seed, 2)), sources: m.sources(), old: true,
		at: time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	return g.tap(records/10, m)
}

func (g *generator) tap(n int, m mode) *tap {
	t := g.generate(n)
	if m.airbyte != nil {
		t.inAirbyte(m, g.sources, g.old)
	}
	return t
}

// millis is the instant of a text in RFC 3339.
func millis(text string) int64 {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return at.UnixMilli()
}

func (g *generator) generate(n int) *tap {
	for _, s := range g.sources {
		g.schema(s)
	}
	extendAt, stateIn := n/3+g.r.IntN(n/3), 1+g.r.IntN(30)
	for g.records < n {
		if g.records == extendAt {
			g.sources[0].extended = true
			g.schema(g.sources[0])
			extendAt = -1
		}
		if g.r.IntN(80) == 0 {
			g.schema(g.sources[g.r.IntN(len(g.sources))]) // some taps repeat themselves
		}
		g.record(g.pick())
		if stateIn--; stateIn == 0 {
			g.state()
			stateIn = 1 + g.r.IntN(30)
		}
	}
	g.state()
	return &g.out
}

// pick chooses a source by its weight.
func (g *generator) pick() *source {
	total := 0
	for _, s := range g.sources {
		total += s.weight
	}
	n := g.r.IntN(total)
	for _, s := range g.sources {
		if n -= s.weight; n < 0 {
			return s
		}
	}
	panic("not reached")
}

func (g *generator) say(m message) { g.out.messages = append(g.out.messages, m) }

func (g *generator) schema(s *source) {
	g.say(message{kind: "SCHEMA", stream: s.name, raw: s.schema()})
}

func (g *generator) state() {
	// What JSON libraries like to rewrite: escapes, the form of numbers, the order of keys.
	value := fmt.Sprintf(`{"z":"\u00e9\/","bookmarks":{"orders":{"n":1.50,"big":12345678901234567890}},"position":%d}`, len(g.out.messages)+1)
	g.say(message{kind: "STATE", state: value, raw: stateMessage(value)})
}

// rev is the revision of what the next message says.
func (g *generator) rev() int {
	if g.old {
		return -len(g.out.messages) - 1
	}
	return len(g.out.messages) + 1
}

// record says something about a key of a source.
func (g *generator) record(s *source) {
	g.records++
	if step := g.r.IntN(3); step > 0 || g.orderly { // else they share their instant
		g.at = g.at.Add(time.Duration(step)*700*time.Millisecond + time.Millisecond)
	}
	if s.versions != nil {
		g.versioned(s)
		return
	}
	key, id := s.key(g.r)
	switch last, known := s.last[key]; {
	case s.marks && g.r.IntN(12) == 0 && (known || !g.orderly):
		g.tombstone(s, key, id)
	case known && !s.patch && g.r.IntN(7) == 0:
		g.sayRecord(s, last.event, last.fields, 0)
	default:
		fields := s.values(g.r)
		if s.patch {
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				if g.r.IntN(2) == 0 {
					delete(fields, name)
				}
			}
		}
		g.news(s, key, id, fields, 0)
	}
}

// news makes a record that was not sent before.
func (g *generator) news(s *source, key string, id, fields map[string]any, version int) {
	e := event{key: key, rev: g.rev()}
	maps.Copy(fields, id)
	fields["rev"] = e.rev
	s.last[key] = said{event: e, fields: fields}
	g.sayRecord(s, e, fields, version)
}

// tombstone says that a key was removed at the source: with the key only, or with all that is known.
func (g *generator) tombstone(s *source, key string, id map[string]any) {
	e := event{key: key, rev: g.rev(), gone: true}
	fields := map[string]any{}
	if last, known := s.last[key]; known && g.r.IntN(2) == 0 {
		maps.Copy(fields, last.fields)
	}
	maps.Copy(fields, id)
	fields["rev"], fields["_sdc_deleted_at"] = e.rev, g.at.Format(time.RFC3339Nano)
	delete(s.last, key)
	g.sayRecord(s, e, fields, 0)
}

func (g *generator) sayRecord(s *source, e event, fields map[string]any, version int) {
	record := map[string]any{"type": "RECORD", "stream": s.name, "record": fields, "time_extracted": g.at.Format(time.RFC3339Nano)}
	if version > 0 {
		record["version"] = version
	}
	g.say(message{kind: "RECORD", stream: s.name, raw: asJSON(record), event: e})
}

// versioned says the next record of a source that is read in full passes, or that a pass is complete.
func (g *generator) versioned(s *source) {
	next := s.versions[0]
	if s.versions = s.versions[1:]; len(s.versions) == 0 {
		s.weight = 0 // it has said everything
	}
	version := next.version
	if g.old {
		version = 1
	}
	if next.activate {
		gone := []string{}
		for key := range s.last {
			if !s.passed[key] {
				gone = append(gone, key)
				delete(s.last, key)
			}
		}
		s.passed = map[string]bool{}
		g.say(message{
			kind: "ACTIVATE_VERSION", stream: s.name, removed: gone,
			raw: asJSON(map[string]any{"type": "ACTIVATE_VERSION", "stream": s.name, "version": version}),
		})
		return
	}
	s.passed[next.key] = true
	if last, known := s.last[next.key]; known && g.r.IntN(2) == 0 {
		g.sayRecord(s, last.event, last.fields, version)
		return
	}
	g.news(s, next.key, next.id, s.values(g.r), version)
}

func asJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(data)
}
