package merge

import "fmt"

// Mode is a load mode.
type Mode uint8

// The load modes. The zero Mode is Append.
const (
	Append Mode = iota
	Replace
	Upsert
	History
	SoftDelete
)

var modeNames = [...]string{"append", "replace", "upsert", "history", "soft_delete"}

// ParseMode returns the mode that the setting load_mode calls name, and an error for any other word.
func ParseMode(name string) (Mode, error) {
	for m, known := range modeNames {
		if name == known {
			return Mode(m), nil
		}
	}
	return Append, fmt.Errorf("no load mode is called %q", name)
}

// String returns the mode's name as the setting load_mode has it.
func (m Mode) String() string { return modeNames[m] }

// NeedsKey reports whether the mode matches rows by key, so that a stream without one cannot be loaded in it.
func (m Mode) NeedsKey() bool { return m == Upsert || m == History || m == SoftDelete }

// NeedsUniqueKey reports whether the mode keeps one row a key, so that a unique index over the key belongs on the
// table.
func (m Mode) NeedsUniqueKey() bool { return m == Upsert || m == SoftDelete }
