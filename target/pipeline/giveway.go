package pipeline

// A task that runs ahead of its turn may take a lock that a task before it comes to need: a partition that the server
// makes for a row, or a row that a trigger counts in. The server sees one session that waits and another that is idle.
// It cannot see that the idle one waits, in this program, for the other's end. The watchdog sees both, and the task
// that went ahead gives way.

// pids are the sessions of all tasks under way.
func (p *Pipeline) pids() []uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	var pids []uint32
	for _, f := range p.tasks {
		if pid := f.pid.Load(); pid != 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// writesAhead reports whether a task ahead of its turn writes where others write as well.
func (p *Pipeline) writesAhead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, f := range p.tasks {
		if i > 0 && f.task.WritesAhead && isClosed(f.opened) && !isClosed(f.aborted) {
			return true
		}
	}
	return false
}

// giveWay takes back what one task has done ahead while another one before it waits for that. A task may well wait for
// one before it: that one comes to its end.
func (p *Pipeline) giveWay(waiting, holder uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	waits := false
	for _, f := range p.tasks {
		switch f.pid.Load() {
		case waiting:
			waits = true
		case holder:
			if !waits || isClosed(f.aborted) {
				return
			}
			if f.task.GaveWay != nil {
				f.task.GaveWay()
			}
			f.abort()
			return
		}
	}
}
