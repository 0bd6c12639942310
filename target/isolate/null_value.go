package isolate

import (
	"context"

	"target-postgres/target/bisect"
	"target-postgres/target/tablewrite"
)

// withoutValue tries a refused row of Airbyte's without the value that is to blame, which is noted in _airbyte_meta:
// there a row is not lost for one of its values. It reports whether the row is in the transaction. A key is never taken
// away, for that would make it another row's.
func (s *Search) withoutValue(ctx context.Context, w *tablewrite.Write, err error) (taken bool, _ error) {
	if !w.Stream.Airbyte {
		return false, nil
	}
	for named := bisect.ColumnOf(err); named != ""; named = bisect.ColumnOf(err) {
		without := w.WithoutValues([]string{named}, s.Pool)
		if without == nil {
			break
		}
		cause := err
		if err = s.try(ctx, []*tablewrite.Write{without}); err == nil {
			s.keep([]*tablewrite.Write{without})
			return true, s.foresight.Nulled(ctx, w, named, cause)
		} else if bisect.By(err) == nil {
			return false, err
		}
		w = without
	}
	if w.WithoutValues(nil, s.Pool) == nil {
		return false, nil // there is nowhere to say so
	}
	cause := err
	blamed, err := bisect.WithoutOne(w.Values(), s.blamed[w.Stream.Stats], func(columns []string) error {
		without := []*tablewrite.Write{w.WithoutValues(columns, s.Pool)}
		if len(columns) > 1 {
			return s.attempt(ctx, without, false)
		}
		err := s.try(ctx, without)
		if err == nil {
			s.keep(without)
		}
		return err
	})
	if blamed == "" || err != nil {
		return false, err
	}
	s.blamed[w.Stream.Stats] = blamed
	return true, s.foresight.Nulled(ctx, w, blamed, cause)
}
