package revision

import (
	"slices"
	"sync"
)

// Transactions are the numbers of transactions that were begun, as their rows have them. Any goroutine may use it.
type Transactions struct {
	mu      sync.Mutex
	numbers []string
}

// Add adds one. It adds nothing where the number is not known, "".
func (t *Transactions) Add(number string) {
	if number == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.numbers = append(t.numbers, number)
}

// Latest are the numbers, the last one first.
func (t *Transactions) Latest() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	latest := slices.Clone(t.numbers)
	slices.Reverse(latest)
	return latest
}
