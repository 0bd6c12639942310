package trigger

// WorthConnecting bytes are worth another connection, which may take as long to make as the next megabytes to come.
// worthATransaction bytes are worth a transaction while the database has nothing else to do. worthAStream bytes a
// stream are worth the statements of one at the start of a run.
const (
	WorthConnecting   = 1 << 20
	worthATransaction = 3 << 20
	worthAStream      = 256 << 10
)

// smallRounds is how many small checkpoints each connection gets at the start of a run: the first of WorthConnecting
// bytes, the second of twice as many.
const smallRounds = 2

// WorthIt reports whether bytes of some streams, of which no row has to wait for a STATE, are worth a checkpoint that
// no limit asks for, after so many others. idle says that no task is under way, room that there are more connections
// than tasks.
//
// At the start of a run a connection without a task is reason enough, and less is worth it: until the first whole
// batches are read, which is most of a small load, the database would stand idle. Any goroutine may call it.
func WorthIt(bytes, streams, checkpoints, connections int, idle, room bool) bool {
	if round := checkpoints / connections; round < smallRounds && room {
		return bytes >= max((round+1)*WorthConnecting, streams*worthAStream)
	}
	return idle && bytes >= worthATransaction
}
