package partition

import (
	"cmp"
	"slices"
	"time"
)

// Most is how many partitions of periods one run makes.
const Most = 100

// yearsAhead is how far after the run's start a row may be that gets a partition.
const yearsAhead = 10

// Range is a partition of a table that there is.
type Range struct {
	Period

	Name string
	// Made is true for a partition that the program made.
	Made bool
}

// Window is what a run makes partitions for: the periods from the oldest that is kept to the last that is not too far
// ahead.
type Window struct {
	unit Unit
	// Start is when the run began.
	Start time.Time
	span  Period
}

// NewWindow is the window of a run that began at a time.
func (s Setting) NewWindow(start time.Time) Window {
	w := Window{unit: s.Every, Start: start, span: Period{From: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}}
	if s.Keep.N > 0 {
		w.span.From = s.Every.Of(s.Keep.Before(start)).From
	}
	w.span.To = s.Every.Of(start.UTC().AddDate(yearsAhead, 0, 0)).To
	return w
}

// Has reports whether rows of a period get a partition. Others stay in the default partition.
func (w Window) Has(p Period) bool { return !p.From.Before(w.span.From) && p.From.Before(w.span.To) }

// Early are the periods that have a partition before a row needs it: none, or that of the run's start and those after
// it.
func (s Setting) Early(start time.Time) []Period {
	if s.Ahead == 0 {
		return nil
	}
	periods := make([]Period, 0, s.Ahead+1)
	for n := range s.Ahead + 1 {
		periods = append(periods, s.Every.Next(s.Every.Of(start), n))
	}
	return periods
}

// MostAhead is how many periods may be ahead: their partitions, and that of the run's start, are no more than a run
// makes, and in its window.
func (s Setting) MostAhead() int {
	if s.Every == Year {
		return yearsAhead
	}
	return Most - 1 // fewer than ten years of months
}

// Lacking are the stretches of some periods that no partition covers, oldest first. Most often that is the period or
// nothing.
func Lacking(periods []Period, have []Range) []Period {
	var lacking []Period
	for _, p := range periods {
		left := []Period{p}
		for _, h := range have {
			left = without(left, h.Period)
		}
		lacking = append(lacking, left...)
	}
	slices.SortFunc(lacking, func(a, b Period) int { return a.From.Compare(b.From) })
	return slices.Compact(lacking)
}

// without cuts a stretch out of others.
func without(periods []Period, cut Period) []Period {
	var left []Period
	for _, p := range periods {
		if !cut.From.Before(p.To) || !p.From.Before(cut.To) {
			left = append(left, p)
			continue
		}
		if p.From.Before(cut.From) {
			left = append(left, Period{p.From, cut.From})
		}
		if cut.To.Before(p.To) {
			left = append(left, Period{cut.To, p.To})
		}
	}
	return left
}

// Nearest are at most so many of some periods: those that are nearest to an instant, oldest first.
func Nearest(periods []Period, n int, at time.Time) []Period {
	if len(periods) <= n {
		return periods
	}
	near := slices.Clone(periods)
	// A Duration is no longer than 292 years.
	seconds := func(p Period) int64 { return max(p.From.Unix()-at.Unix(), at.Unix()-p.From.Unix()) }
	slices.SortStableFunc(near, func(a, b Period) int { return cmp.Compare(seconds(a), seconds(b)) })
	near = near[:max(n, 0)]
	slices.SortFunc(near, func(a, b Period) int { return a.From.Compare(b.From) })
	return near
}

// Old are the partitions that the program made and that are older than what is kept.
func (s Setting) Old(start time.Time, have []Range) []Range {
	if s.Keep.N == 0 {
		return nil
	}
	kept := s.NewWindow(start).span.From
	return slices.DeleteFunc(slices.Clone(have), func(h Range) bool { return !h.Made || h.To.After(kept) })
}
