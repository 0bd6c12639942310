package target

import "strings"

// nearest returns the candidate that key was most likely meant to be, "" when none is close.
func nearest(key string, candidates []string) string {
	best, bestDistance := "", len(key)/3+1
	for _, candidate := range candidates {
		if d := editDistance(strings.ToLower(key), strings.ToLower(candidate)); d <= bestDistance {
			if d < bestDistance || best == "" {
				best, bestDistance = candidate, d
			}
		}
	}
	return best
}

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
