package failure

import (
	"strings"
)

// Suggest returns the candidate that key was most likely meant to be: the one with the fewest mistakes, else the
// shortest that has key in it, as load_mode for mode. It is "" when none is close.
func Suggest(key string, candidates []string) string {
	best, bestDistance := "", len(key)/3+1
	for _, candidate := range candidates {
		if d := editDistance(strings.ToLower(key), strings.ToLower(candidate)); d <= bestDistance {
			if d < bestDistance || best == "" {
				best, bestDistance = candidate, d
			}
		}
	}
	if best == "" {
		return shortestWith(key, candidates)
	}
	return best
}

func shortestWith(key string, candidates []string) string {
	best := ""
	for _, candidate := range candidates {
		if len(key) >= shortestHint && strings.Contains(candidate, strings.ToLower(key)) && (best == "" || len(candidate) < len(best)) {
			best = candidate
		}
	}
	return best
}

// shortestHint keeps two or three letters, which many settings have in them, from being a hint.
const shortestHint = 4

// editDistance is Levenshtein's: the fewest single-byte edits that turn a into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
