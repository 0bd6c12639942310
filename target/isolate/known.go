package isolate

import (
	"slices"

	"target-postgres/target/bisect"
)

// reject has room claimed for rows that are known to be refused, before those around them are tried. The error is about
// the first row that ends the run.
func (s *Search) reject(known []int64) (rejected []Rejection, _ error) {
	counted := slices.Clone(s.counted)
	for _, row := range known {
		f := s.between(bisect.Stretch{From: row, To: row + 1})
		if whole, lacks := s.foresight.AsRead(row); lacks {
			f = whole
		}
		w := f.Writes()[0]
		owner, e := w.Owner(0), blame(w, s.foresight.Said(row))
		if !owner.SetsAside() || s.MayReject(owner, s.Records.Among(counted, owner)+1, e) != nil {
			return nil, e
		}
		counted, rejected = counted.With(owner), append(rejected, Rejection{Write: w, Reason: e})
	}
	return rejected, nil
}

func (s *Search) putAside(rows ...Rejection) {
	for _, r := range rows {
		s.Rejections, s.counted = append(s.Rejections, r), s.counted.With(r.Write.Owner(0))
	}
}
