package batch

// keySet remembers the key hashes of a batch, so that the merge can leave out its search for duplicates when there are
// none. Two keys with one hash only cost that search. It is an open-addressing table because a map of the same keys
// takes several times the memory and time.
type keySet struct {
	slots []uint64
	used  int
	zero  bool
}

// add reports whether one of the hashes was there already or is among them twice.
func (k *keySet) add(hashes []uint64) bool {
	k.makeRoom(len(hashes))
	seen := false
	for _, hash := range hashes {
		switch {
		case hash == 0:
			seen = seen || k.zero
			k.zero = true
		case k.insert(hash):
			k.used++
		default:
			seen = true
		}
	}
	return seen
}

// addSet adds the hashes of another set.
func (k *keySet) addSet(other *keySet) {
	k.zero = k.zero || other.zero
	k.makeRoom(other.used)
	for _, hash := range other.slots {
		if hash != 0 && k.insert(hash) {
			k.used++
		}
	}
}

// hasAny reports whether one of the hashes is there.
func (k *keySet) hasAny(hashes []uint64) bool {
	mask := uint64(len(k.slots) - 1)
	for _, hash := range hashes {
		if hash == 0 && k.zero {
			return true
		}
		if hash == 0 || len(k.slots) == 0 {
			continue
		}
		for i := hash & mask; k.slots[i] != 0; i = (i + 1) & mask {
			if k.slots[i] == hash {
				return true
			}
		}
	}
	return false
}

// insert reports whether the hash is new. There must be a free slot.
func (k *keySet) insert(hash uint64) bool {
	mask := uint64(len(k.slots) - 1)
	for i := hash & mask; k.slots[i] != hash; i = (i + 1) & mask {
		if k.slots[i] == 0 {
			k.slots[i] = hash
			return true
		}
	}
	return false
}

// makeRoom makes room for so many more.
func (k *keySet) makeRoom(more int) {
	size := max(64, len(k.slots))
	for (k.used+more)*4 > size*3 {
		size *= 2
	}
	if size == len(k.slots) {
		return
	}
	old := k.slots
	k.slots = make([]uint64, size)
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
