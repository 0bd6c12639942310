package typemap

import (
	"math"
	"math/big"
	"strconv"

	"target-postgres/internal/jsonscan"
)

// integerBounds reads how far the integers of n go from minimum, maximum and the exclusive ones: numbers of their own
// since draft 6, before that booleans beside the others. A bound that is not a number is none.
func integerBounds(n *node) (low, high reach) {
	low, high = reachOpen, reachOpen
	apply := func(bound *node, upper, exclusive bool) {
		if bound == nil || bound.kind != jsonscan.KindNumber {
			return
		}
		l, h := boundReach(bound.text, upper, exclusive)
		low, high = bothReach(low, l), bothReach(high, h)
	}
	apply(n.get("minimum"), false, isTrue(n.get("exclusiveMinimum")))
	apply(n.get("maximum"), true, isTrue(n.get("exclusiveMaximum")))
	apply(n.get("exclusiveMinimum"), false, true)
	apply(n.get("exclusiveMaximum"), true, true)
	return low, high
}

// boundReach says what one bound does to the reach on either side. A lower bound above int64 pushes everything beyond
// it on the upper side.
func boundReach(literal string, upper, exclusive bool) (low, high reach) {
	low, high = reachOpen, reachOpen
	own, other := &low, &high
	if upper {
		own, other = other, own
	}
	side := int64Side(literal, upper, exclusive)
	switch {
	case side == 0:
		*own = reachInt64
	case upper == (side > 0):
		*own = reachBeyond
	default:
		*own, *other = reachInt64, reachBeyond
	}
	return low, high
}

// int64Side returns 0 when the outermost integer that a bound admits lies in int64, -1 when it lies below and 1 when it
// lies above.
func int64Side(literal string, upper, exclusive bool) int {
	// The float decides wherever it is sure, which also keeps an exponent of a million digits away from the exact
	// arithmetic.
	f, _ := strconv.ParseFloat(literal, 64)
	switch {
	case math.Abs(f) < 1<<62:
		return 0
	case f < -1<<64:
		return -1
	case f > 1<<64:
		return 1
	}
	exact, ok := new(big.Rat).SetString(literal)
	if !ok {
		return 0
	}
	outermost := roundInward(exact, upper, exclusive)
	if outermost.IsInt64() {
		return 0
	}
	return outermost.Sign()
}

// roundInward returns the largest integer below an upper bound, or the smallest above a lower one; the bound itself
// unless it is exclusive.
func roundInward(bound *big.Rat, upper, exclusive bool) *big.Int {
	i := new(big.Int).Div(bound.Num(), bound.Denom()) // the floor: the denominator is positive
	one := big.NewInt(1)
	switch {
	case upper && exclusive && bound.IsInt():
		i.Sub(i, one)
	case !upper && (exclusive || !bound.IsInt()):
		i.Add(i, one)
	}
	return i
}

func isTrue(n *node) bool { return n != nil && n.kind == jsonscan.KindTrue }
