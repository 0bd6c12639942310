package partition

import (
	"fmt"
	"time"
)

// Period is a stretch of time, from its beginning to before the next one's. It is in UTC.
type Period struct{ From, To time.Time }

// Of is the period of this length that an instant is in. Weeks begin on Monday.
func (u Unit) Of(at time.Time) Period {
	at = at.UTC()
	year, month, day := at.Date()
	switch u {
	case Year:
		month, day = time.January, 1
	case Month:
		day = 1
	case Week:
		day -= (int(at.Weekday()) + 6) % 7
	case Day:
	}
	from := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return Period{from, u.after(from, 1)}
}

// after is the beginning of a period so many periods after another one's. It may be before it.
func (u Unit) after(from time.Time, n int) time.Time {
	switch u {
	case Year:
		return from.AddDate(n, 0, 0)
	case Month:
		return from.AddDate(0, n, 0)
	case Week:
		return from.AddDate(0, 0, 7*n)
	default:
		return from.AddDate(0, 0, n)
	}
}

// Next is the period so many periods later.
func (u Unit) Next(p Period, n int) Period {
	return Period{u.after(p.From, n), u.after(p.To, n)}
}

// Before is the instant so long before another. A day that its month lacks becomes the last that it has.
func (s Span) Before(at time.Time) time.Time {
	at = at.UTC()
	if s.Unit == Day || s.Unit == Week {
		return s.Unit.after(at, -s.N)
	}
	year, month, day := at.Date()
	first := s.Unit.after(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC), -s.N)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day, last)-1).Add(at.Sub(time.Date(year, month, day, 0, 0, 0, 0, time.UTC)))
}

// Suffix ends the name of the partition of a period. It says which period it is.
func (u Unit) Suffix(p Period) string {
	switch u {
	case Year:
		return p.From.Format("_2006")
	case Month:
		return p.From.Format("_2006_01")
	case Week:
		year, week := p.From.ISOWeek()
		return fmt.Sprintf("_%04d_w%02d", year, week)
	default:
		return p.From.Format("_2006_01_02")
	}
}
