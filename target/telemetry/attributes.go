package telemetry

import (
	"errors"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"target-postgres/target/failure"
)

// The attributes for which OpenTelemetry has no name.
const (
	streamKey    = attribute.Key("target_postgres.stream.name")
	namespaceKey = attribute.Key("target_postgres.stream.namespace")
	modeKey      = attribute.Key("target_postgres.load_mode")
	outcomeKey   = attribute.Key("target_postgres.outcome")
	kindKey      = attribute.Key("target_postgres.error.kind")
	waitKey      = attribute.Key("target_postgres.wait.for")
	rowsKey      = attribute.Key("target_postgres.rows")
	bytesKey     = attribute.Key("target_postgres.bytes")
	attemptsKey  = attribute.Key("target_postgres.attempts")
)

// databaseAttributes say which database it is. They are few before a run has its settings.
func (r *Run) databaseAttributes() []attribute.KeyValue { return r.inSchema("") }

// inSchema are the attributes of the database and a schema in it, joined in db.namespace as the conventions for
// PostgreSQL say.
func (r *Run) inSchema(schema string) []attribute.KeyValue {
	of := []attribute.KeyValue{semconv.DBSystemNamePostgreSQL}
	place := r.place.Load()
	if place == nil {
		return of
	}
	namespace := place.Database
	if schema != "" {
		if namespace != "" {
			namespace += "|"
		}
		namespace += schema
	}
	if namespace != "" {
		of = append(of, semconv.DBNamespace(namespace))
	}
	if place.Host != "" {
		of = append(of, semconv.ServerAddress(place.Host), semconv.ServerPort(place.Port))
	}
	return of
}

// errorAttributes classify an error: error.type is the SQLSTATE, if there is one, and otherwise what is to blame.
func errorAttributes(err error) []attribute.KeyValue {
	if err == nil {
		return nil
	}
	err = known(err)
	kind := kindOf(err)
	code := failure.SQLState(err)
	if code == "" {
		return []attribute.KeyValue{semconv.ErrorTypeKey.String(kind), kindKey.String(kind)}
	}
	return []attribute.KeyValue{semconv.ErrorTypeKey.String(code), semconv.DBResponseStatusCode(code), kindKey.String(kind)}
}

// known is an error as the load reports it: what the server said is there without the values of rows.
func known(err error) error {
	if _, is := errors.AsType[*failure.Error](err); is {
		return err
	}
	if _, is := errors.AsType[*failure.ConfigError](err); is {
		return err
	}
	return failure.FromServer("", "", err)
}

// kindOf says what can mend an error, by what is to blame for it.
func kindOf(err error) string {
	switch failure.BlameOf(err) {
	case failure.Configuration:
		return "config"
	case failure.Stream, failure.Row:
		return "input"
	case failure.Connection:
		return "transient"
	default:
		return "system"
	}
}

// mostText bounds the description of an error, in bytes.
const mostText = 500

// description is the text of an error, which holds no value of a record. The log has the hint.
func description(err error) string {
	if err == nil {
		return ""
	}
	text := known(err).Error()
	if e, is := known(err).(*failure.Error); is { //nolint:errorlint // a wrapped one has more to say than its cause
		plain := *e
		plain.Hint = ""
		text = plain.Error()
	}
	if len(text) <= mostText {
		return text
	}
	text = text[:mostText]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + "…"
}
