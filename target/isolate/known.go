package isolate

import (
	"slices"

	"target-postgres/target/bisect"
	"target-postgres/target/fraction"
)

// reject has room claimed for rows that are known to be refused, before those around them are tried. The error is about
// the first row that ends the run.
func (s *Search) reject(known []int64) (rejected []Rejection, _ error) {
	counted := slices.Clone(s.counted)
	for _, row := range known {
		f, _ := s.asRead(row)
		w := f.Writes()[0]
		owner, e := w.Owner(0), blame(w, s.foresight.Said(row))
		if !owner.SetsAside() || s.MayReject(owner, s.Records.Among(counted, owner)+1, e) != nil {
			return nil, e
		}
		counted, rejected = counted.With(owner), append(rejected, Rejection{Write: w, Reason: e})
	}
	return rejected, nil
}

// asRead is a row with all its values. It reports whether some were taken away before it was tried.
func (s *Search) asRead(row int64) (f *fraction.Fraction, lacked bool) {
	if whole, lacks := s.foresight.AsRead(row); lacks {
		return whole, true
	}
	return s.between(bisect.Stretch{From: row, To: row + 1}), false
}

func (s *Search) putAside(rows ...Rejection) {
	for _, r := range rows {
		s.Rejections, s.counted = append(s.Rejections, r), s.counted.With(r.Write.Owner(0))
	}
}
