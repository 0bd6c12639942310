package config

import (
	"errors"
	"strings"
	"testing"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
)

func TestSettingsThatALoadModeDoesNotKnowAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, config, setting string
	}{
		{"for the stream", `{"streams": {"t": {"load_mode": "append", "on_conflict": "ignore"}}}`, "streams.t.on_conflict"},
		{"for the stream, whose load mode is that of all", `{"load_mode": "replace", "streams": {"t": {"on_conflict": "ignore"}}}`, "streams.t.on_conflict"},
		{"for a glob", `{"load_mode": "history", "streams": {"t_*": {"on_missing": "ignore"}}}`, "streams.t_*.on_missing"},
		{"beside a load mode by glob", `{"streams": {"t_*": {"load_mode": "append"}, "t_1": {"on_missing": "ignore"}}}`, "streams.t_1.on_missing"},
		{"both at once", `{"on_conflict": "ignore", "on_missing": "ignore"}`, "on_missing"},
		{"both at once for a stream", `{"on_conflict": "ignore", "streams": {"t": {"on_missing": "ignore"}}}`, "streams.t.on_missing"},
		{"the default asks for nothing", `{"streams": {"t": {"load_mode": "append", "on_conflict": "update"}}}`, ""},
		{"for all streams", `{"load_mode": "append", "on_conflict": "ignore"}`, ""},
		{"in an entry less specific than the load mode", `{"streams": {"*": {"on_conflict": "ignore"}, "t": {"load_mode": "append"}}}`, ""},
		{"in a mode that knows it", `{"streams": {"t": {"load_mode": "soft_delete", "on_missing": "ignore"}}}`, ""},
		{"that no load mode has which a stream decides on", `{"streams": {"t": {"late": "insert"}}}`, "streams.t.late"},
		{"in a glob, beside which an entry may name the load mode", `{"streams": {"t_*": {"late": "insert"}}}`, ""},
		{"in an entry whose load mode a glob names", `{"streams": {"*": {"load_mode": "history"}, "t": {"late": "insert"}}}`, ""},
		{"while the stream decides on its load mode", `{"streams": {"t": {"on_conflict": "ignore"}}}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := configOf(t, test.config).checkStreams()
			wrong, is := errors.AsType[*failure.ConfigError](err)
			if test.setting == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !is || wrong.Setting != test.setting || wrong.Hint == "" {
				t.Fatalf("the error is %v, not one of %s", err, test.setting)
			}
		})
	}
}

func TestAStreamThatDecidesOnItsLoadModeRefusesWhatThatDoesNotKnow(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `{"on_conflict": "ignore", "streams": {"t": {"on_conflict": "ignore"}}}`)
	named, all := cfg.ForStream(protocol.Stream{Name: "t"}), cfg.ForStream(protocol.Stream{Name: "u"})
	if err := named.Refuse("t", merge.Append); err == nil || !strings.Contains(err.Error(), "on_conflict has no meaning in load mode append") {
		t.Errorf("the error is %v", err)
	}
	if err := errors.Join(named.Refuse("t", merge.SoftDelete), all.Refuse("u", merge.Append)); err != nil {
		t.Error(err)
	}
	if all.IgnoresConflicts(merge.Append) || !all.IgnoresConflicts(merge.Upsert) {
		t.Error("a setting for all streams is for those whose load mode knows it")
	}
}
