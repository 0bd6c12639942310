package target

// keySet remembers the key hashes of the batch that a stream fills, so that the merge can leave out its search for duplicates when there are
// none. Two keys with one hash only cost that search. It is an open-addressing table because a map of the same keys takes
// several times the memory and time.
type keySet struct {
	slots []uint64
	used  int
	zero  bool
}

// add returns whether the hash was there already.
func (k *keySet) add(hash uint64) bool {
	if hash == 0 {
		seen := k.zero
		k.zero = true
		return seen
	}
	if k.used*4 >= len(k.slots)*3 {
		k.grow()
	}
	if k.insert(hash) {
		return true
	}
	k.used++
	return false
}

// has returns whether the hash is there.
func (k *keySet) has(hash uint64) bool {
	if hash == 0 || len(k.slots) == 0 {
		return hash == 0 && k.zero
	}
	mask := uint64(len(k.slots) - 1)
	for i := hash & mask; k.slots[i] != 0; i = (i + 1) & mask {
		if k.slots[i] == hash {
			return true
		}
	}
	return false
}

func (k *keySet) insert(hash uint64) bool {
	mask := uint64(len(k.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		switch k.slots[i] {
		case hash:
			return true
		case 0:
			k.slots[i] = hash
			return false
		}
	}
}

func (k *keySet) grow() {
	old := k.slots
	k.slots = make([]uint64, max(64, len(old)*2))
	for _, hash := range old {
		if hash != 0 {
			k.insert(hash)
		}
	}
}

// reset empties the set and keeps its memory.
func (k *keySet) reset() {
	clear(k.slots)
	k.used, k.zero = 0, false
}
