package batchfile

import "io"

// Records are read ahead of their use, in a goroutine of its own, as the lines of the input are: decoding a file and
// encoding its records for COPY take about as long, and neither has to wait for the other.

const (
	// chunkSize is how much text of records is handed over together.
	chunkSize = 64 << 10
	// chunks is how many there are: one that is written, one that is read, one that waits.
	chunks = 3
	// long is the size of a record that is not read ahead of.
	long = 256 << 10
)

// chunk holds records, one after the other, or a long one, which stays where it is.
type chunk struct {
	text []byte
	ends []int
	long []byte
}

// ahead hands records over to another goroutine.
type ahead struct {
	free, full chan *chunk
	stop       chan struct{}
	// at is the chunk that is written, nil if none is.
	at *chunk
}

// readAhead calls take for each record that read hands over, while read goes on. It returns when both have ended: with
// the error of take, which ends read, or else with that of read. number counts records from 1.
func readAhead(read func(hand func(record []byte) error) error, take func(number int64, record []byte) error) error {
	a := &ahead{free: make(chan *chunk, chunks), full: make(chan *chunk, chunks), stop: make(chan struct{})}
	for range chunks {
		a.free <- &chunk{}
	}
	var failed error
	go func() {
		defer close(a.full)
		failed = read(a.hand)
		a.send()
	}()
	err := a.use(take)
	if err == nil {
		return failed
	}
	close(a.stop)
	for range a.full { // read may use its file until it has ended
	}
	return err
}

// hand puts a record into a chunk, which is sent when it is full. A long record is sent alone, and used when hand
// returns.
func (a *ahead) hand(record []byte) error {
	if len(record) > long {
		a.send()
	}
	if a.at == nil {
		select {
		case a.at = <-a.free:
			a.at.text, a.at.ends, a.at.long = a.at.text[:0], a.at.ends[:0], nil
		case <-a.stop:
			return io.ErrClosedPipe // no more records are wanted
		}
	}
	if len(record) > long {
		a.at.long = record
		a.send()
		return a.settle()
	}
	a.at.text = append(a.at.text, record...)
	if a.at.ends = append(a.at.ends, len(a.at.text)); len(a.at.text) >= chunkSize {
		a.send()
	}
	return nil
}

// send sends the chunk that is written. There is always room: there are no more chunks than that.
func (a *ahead) send() {
	if a.at != nil {
		a.full <- a.at
		a.at = nil
	}
}

// settle waits until all chunks are used.
func (a *ahead) settle() error {
	var all [chunks]*chunk
	for i := range all {
		select {
		case all[i] = <-a.free:
		case <-a.stop:
			return io.ErrClosedPipe // no more records are wanted
		}
	}
	for _, each := range all {
		a.free <- each
	}
	return nil
}

// use calls take for each record of the chunks.
func (a *ahead) use(take func(number int64, record []byte) error) error {
	number := int64(0)
	one := func(record []byte) error {
		number++
		return take(number, record)
	}
	for c := range a.full {
		from := 0
		for _, end := range c.ends {
			if err := one(c.text[from:end:end]); err != nil {
				return err
			}
			from = end
		}
		if c.long != nil {
			if err := one(c.long); err != nil {
				return err
			}
		}
		a.free <- c
	}
	return nil
}
