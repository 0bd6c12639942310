package checkpoint

import (
	"slices"

	"target-postgres/target/bisect"
)

// reject has room claimed for rows that are known to be refused, before those around them are tried. The error is about
// the first row that ends the run.
func (s *bisection) reject(known []int64) (rejected []rejection, _ error) {
	counted := slices.Clone(s.counted)
	for _, row := range known {
		l := s.between(bisect.Stretch{From: row, To: row + 1}).Writes()[0]
		owner, e := l.Owner(0), s.c.Committer.blame(l, s.foresight.Said(row))
		if !owner.SetsAside() || s.c.claim(owner, s.c.Committer.Rejects.Among(counted, owner)+1, e) != nil {
			return nil, e
		}
		counted, rejected = counted.With(owner), append(rejected, rejection{load: l, reason: e})
	}
	return rejected, nil
}

func (s *bisection) putAside(rows ...rejection) {
	for _, r := range rows {
		s.rejections, s.counted = append(s.rejections, r), s.counted.With(r.load.Owner(0))
	}
}
