package target_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
)

func TestARunBeginsWithSmallCheckpoints(t *testing.T) {
	t.Parallel()
	const rows, size = 3000, 2000
	messages := []string{schemaOf("s", `{"id":{"type":"integer"},"text":{"type":"string"}}`, "id")}
	text := strings.Repeat("x", size)
	for i := range rows {
		messages = append(messages, record("s", fmt.Sprintf(`{"id":%d,"text":%q}`, i, text)), stateOf(strconv.Itoa(i)))
	}
	states, err := load(t, newConfig(t, pgtest.Schema(t), nil), messages...)
	if err != nil {
		t.Fatal(err)
	}
	const most = 1.1 * float64(1<<20) / size
	for i, before := range []float64{0, most} {
		if i >= len(states) {
			t.Fatalf("%d states for %d bytes", len(states), rows*size)
		}
		last, err := strconv.ParseFloat(states[i], 64)
		if err != nil {
			t.Fatal(err)
		}
		if last > before+most {
			t.Errorf("checkpoint %d ends with record %v, which is more than a megabyte after that before", i+1, last)
		}
	}
}
