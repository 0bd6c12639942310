package config

import "target-postgres/merge"

// LoadMode is the load mode that the settings name. The zero value names none: the stream decides. It may be copied and
// used by any goroutine.
type LoadMode int8 // 1 above the merge.Mode

// LoadModeOf names a load mode.
func LoadModeOf(mode merge.Mode) LoadMode { return LoadMode(mode) + 1 }

// Named returns the load mode, false if the settings name none.
func (l LoadMode) Named() (merge.Mode, bool) { return merge.Mode(l - 1), l != 0 }

// String returns the word of the setting load_mode, "" for none.
func (l LoadMode) String() string {
	if mode, named := l.Named(); named {
		return mode.String()
	}
	return ""
}

// UnmarshalText reads the word of the setting load_mode. It fails on any that spec.json does not list.
func (l *LoadMode) UnmarshalText(text []byte) error {
	mode, err := merge.ParseMode(string(text))
	if err != nil {
		return err
	}
	*l = LoadModeOf(mode)
	return nil
}
