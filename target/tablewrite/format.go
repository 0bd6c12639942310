package tablewrite

import (
	_ "embed"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/jackc/pgerrcode"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/typemap"
)

// A batch is CSV. If copy_format asks for another format, its rows are rewritten while they are sent. That is a
// shortcut and not a second way to load: after any fault of the rows, in the program or on the server, they are sent
// again as CSV, and the server's answer to that counts. So lines are always counted, and rows bisected, in CSV.
// (docs/adr/0027-copy-formats.md)

// sending is how a batch was sent last.
type sending struct {
	// name is the format's, rows are nil for CSV. proof are statements that fail if the server would read the rows as
	// other values.
	name  string
	rows  *batch.Format
	proof []string
	// failed says that the server or the program refused to go on, unwritten that it was the program.
	failed, unwritten bool
}

// format chooses how the rows are sent.
func (w *Write) format() sending {
	csv := sending{name: string(typemap.CopyCSV)}
	if w.InCSV || w.Stream.Rejects || w.Stream.InCSV.Load() {
		return csv
	}
	switch w.Stream.Config.CopyFormat {
	case typemap.CopyText:
		return sending{name: string(typemap.CopyText), rows: &batch.Format{AppendRow: typemap.AppendTextRow}}
	case typemap.CopyBinary:
		rows, unknown := typemap.NewBinaryRows(w.types())
		if unknown >= 0 || w.Direct && w.Job.Place != merge.Here {
			return csv
		}
		return sending{
			name: string(typemap.CopyBinary), proof: w.proveTypes(),
			rows: &batch.Format{Head: typemap.BinaryHead, Tail: typemap.BinaryTail, AppendRow: rows.AppendRow},
		}
	}
	return csv
}

// types are those of the fields of a row.
func (w *Write) types() []typemap.Type {
	types := make([]typemap.Type, 0, len(w.Layout.Columns)+len(w.Layout.Extras))
	for _, c := range w.Layout.Columns {
		types = append(types, c.Type)
	}
	for _, e := range w.Layout.Extras {
		types = append(types, e.Type)
	}
	return types
}

// proveTypes are statements that fail if a column of the table is not of the type that the rows are written for: it may
// have been altered since, and binary values of one type can be values of another. The first one takes the lock of the
// COPY, so that the types stay. Texts of all kinds are the same in binary. A staged table has its types by its making.
func (w *Write) proveTypes() []string {
	if !w.Direct {
		return nil
	}
	var columns []string
	types := w.types()
	for i, name := range w.copied() {
		typ := types[i].Name
		if types[i].Kind == typemap.KindText {
			typ = "text"
		}
		columns = append(columns, fmt.Sprintf("(%s, %s)", pgtx.Literal(name), pgtx.Literal(typ)))
	}
	return []string{
		"EXPLAIN INSERT INTO " + w.Job.Target.SQL() + " DEFAULT VALUES",
		strings.NewReplacer("{count}", strconv.Itoa(len(columns)), "{table}", pgtx.Literal(w.Job.Target.SQL()),
			"{columns}", strings.Join(columns, ", ")).Replace(columnTypesSQL),
	}
}

// columnTypesSQL divides by zero if not as many columns of a table are of these types.
//
//go:embed sql/column_types.sql
var columnTypesSQL string

// GoOnInCSV has the rows of a stream sent as CSV from now on if the program or the server did not take them in another
// format, for a reason that trying again does not mend. It reports whether there is such a write: then all are to be
// sent again.
func GoOnInCSV(writes []*Write, err error, log *slog.Logger) bool {
	found := false
	for _, w := range writes {
		if !w.sent.failed || w.sent.rows == nil || w.isOfKey(err) {
			continue
		}
		if w.sent.unwritten || saidNo(err) {
			w.Stream.InCSV.Store(true)
			w.sent.failed, found = false, true
			log.Debug("rows are sent as CSV from now on, because its errors name the line and the column", "stream", w.Stream.Name, "copy_format", w.sent.name)
		}
	}
	return found
}

// saidNo reports whether the server has refused something for a reason that trying again does not mend.
func saidNo(err error) bool {
	state := failure.SQLState(err)
	return state != "" && state != pgerrcode.QueryCanceled && !failure.Transient(err)
}

// isOfKey reports whether a key that is there already has refused rows that went straight into the table: they take the
// long way. Citus does not say which constraint of a row has objected.
func (w *Write) isOfKey(err error) bool {
	if !w.Direct || w.Job.Mode == merge.Append {
		return false
	}
	switch failure.SQLState(err) {
	case pgerrcode.UniqueViolation, pgerrcode.ExclusionViolation:
		return true
	case pgerrcode.IntegrityConstraintViolation:
		return w.IsSharded()
	default:
		return w.isBetween(err)
	}
}

// TextOnly names the first field of a layout that has no form in binary, so that rows go as CSV where that is asked
// for.
func TextOnly(layout *revision.Layout) (name string, typ typemap.Type, is bool) {
	w := Write{Layout: layout}
	types := w.types()
	_, unknown := typemap.NewBinaryRows(types)
	if unknown < 0 {
		return "", typemap.Type{}, false
	}
	return w.copied()[unknown], types[unknown], true
}
