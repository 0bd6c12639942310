package batchfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
)

// Records come in their order, whatever their size, and the error of the reader after all records before it.
func TestRecordsReadAheadComeInOrder(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, size := range []int{1, 100, chunkSize, 10 * chunkSize} {
		const records = 500
		want := int64(0)
		err := readAhead(func(hand func([]byte) error) error {
			own := []byte{}
			for n := 1; n <= records; n++ {
				own = append(own[:0], fmt.Sprintf("%d %s", n, strings.Repeat("x", n%size))...)
				if err := hand(own); err != nil {
					return err
				}
			}
			return broken
		}, func(number int64, record []byte) error {
			if want++; number != want || !bytes.HasPrefix(record, fmt.Appendf(nil, "%d ", number)) || len(record) != len(fmt.Sprint(number))+1+int(number)%size {
				return fmt.Errorf("record %d is number %d, of %d bytes", want, number, len(record))
			}
			return nil
		})
		if !errors.Is(err, broken) || want != records {
			t.Errorf("%d records of up to %d bytes came, then %v", want, size, err)
		}
	}
}

// A record that is refused ends the reading of its file, which has ended when the file is closed.
func TestARefusedRecordEndsTheReading(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	for _, size := range []int{1, chunkSize, 10 * chunkSize} {
		var reads atomic.Bool
		read := 0
		err := readAhead(func(hand func([]byte) error) error {
			reads.Store(true)
			defer reads.Store(false)
			for ; read < 1e6; read++ {
				if err := hand(make([]byte, size)); err != nil {
					return err
				}
			}
			return nil
		}, func(number int64, _ []byte) error {
			if number == 2 {
				return refused
			}
			return nil
		})
		if !errors.Is(err, refused) || reads.Load() || read == 1e6 {
			t.Errorf("records of %d bytes: %v, it still reads: %v, %d records were read", size, err, reads.Load(), read)
		}
	}
}

// Long records are not gathered.
func TestOneLongRecordIsReadAhead(t *testing.T) {
	t.Parallel()
	var made atomic.Int64
	err := readAhead(func(hand func([]byte) error) error {
		for range 20 {
			made.Add(1)
			if err := hand(make([]byte, 8*long)); err != nil {
				return err
			}
		}
		return nil
	}, func(number int64, _ []byte) error {
		if n := made.Load(); n > number {
			return fmt.Errorf("%d records were read while number %d is used", n, number)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
