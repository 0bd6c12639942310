package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"time"

	"target-postgres/internal/logging"
	"target-postgres/protocol"
	"target-postgres/target"
	"target-postgres/target/config"
	"target-postgres/target/dialect"
	"target-postgres/target/failure"
	"target-postgres/target/summary"
)

// documentationURL describes the settings that the spec has in common with Airbyte's own destination.
const documentationURL = "https://docs.airbyte.com/integrations/destinations/postgres"

// reported is an error that was told already in the form that Airbyte reads: only the exit code is left to say.
type reported struct {
	code int
	err  error
}

// Error is the cause's.
func (r *reported) Error() string { return r.err.Error() }

// Unwrap returns the cause.
func (r *reported) Unwrap() error { return r.err }

// airbyteSpec is the command spec: one SPEC message.
func (p *Program) airbyteSpec(args []string) error {
	if len(args) > 0 {
		return &usageError{"spec takes no argument " + shown(args[0])}
	}
	spec, err := p.Spec()
	if err != nil {
		return err
	}
	connection, err := spec.ConnectionSpecification()
	if err != nil {
		return err
	}
	return protocol.NewWriter(p.Stdout).Spec(protocol.Spec{
		DocumentationURL: documentationURL, ConnectionSpecification: connection,
	})
}

// airbyteWrite is the command write: Airbyte's messages in, STATE and LOG out. Every failure leaves a TRACE ERROR and
// exit code 1; a client that sees 0 takes the sync for a success, with any output.
func (p *Program) airbyteWrite(ctx context.Context, args []string) error {
	var catalogFile string
	err := p.airbyteFlags("write", args, func(set *flag.FlagSet) {
		set.StringVar(&catalogFile, "catalog", "", "")
		set.StringVar(&p.flags.input, "input", "", "")
	})
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	writer := protocol.NewWriter(p.Stdout)
	var catalog *protocol.Catalog
	if err == nil {
		err = p.withSignals(ctx, func(ctx context.Context, signals *signals) (err error) {
			if catalog, err = p.catalog(catalogFile); err != nil {
				return err
			}
			return p.sync(ctx, signals, writer, catalog)
		})
	}
	if err == nil {
		return nil
	}
	return p.report(writer, catalog, err)
}

// sync loads the messages.
func (p *Program) sync(ctx context.Context, signals *signals, writer *protocol.Writer, catalog *protocol.Catalog) (err error) {
	boundGarbage()
	log := p.airbyteLog(writer)
	signals.log.Store(log)
	told, tell := p.telemetry(ctx, log)
	defer func() { tell(signals.engine.Load(), err) }()
	cfg, err := p.airbyteConfig(log)
	if err != nil {
		return err
	}
	p.tellSettings(log, cfg)
	if p.Getenv("DATA_CHANNEL_MEDIUM") == "SOCKET" {
		return &failure.ConfigError{
			Reason: "the platform wants to send records through sockets, which this destination does not do",
			Hint:   "leave connectorIPCOptions out of its metadata, so that the platform uses standard input",
		}
	}
	input, closeInput, err := p.open(log)
	if err != nil {
		return err
	}
	defer closeInput()
	reader := protocol.NewAirbyte(input, catalog, 0)
	defer reader.Close()
	run, err := target.New(cfg, reader, writer, log)
	if err != nil {
		return err
	}
	run.Observe(told)
	return signals.run(ctx, run)
}

// airbyteFlags reads the flags of a command; --config is always among them.
func (p *Program) airbyteFlags(command string, args []string, more func(*flag.FlagSet)) error {
	set := flag.NewFlagSet(command, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Var(&p.flags.configs, "config", "")
	set.Var(&p.flags.configs, "c", "")
	more(set)
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		wrong := wrongFlag(err)
		wrong.reason = command + ": " + wrong.reason
		return wrong
	}
	if set.NArg() > 0 {
		return &usageError{command + ": " + unexpected(set.Arg(0))}
	}
	if len(p.flags.configs) == 0 {
		return &usageError{command + " needs --config FILE"}
	}
	return nil
}

func (p *Program) airbyteLog(writer *protocol.Writer) *slog.Logger {
	level, unknown := logging.ChooseLevel([]logging.Source{
		{Place: "TARGET_POSTGRES_LOGLEVEL", Level: p.Getenv("TARGET_POSTGRES_LOGLEVEL")}, {Place: "LOG_LEVEL", Level: p.Getenv("LOG_LEVEL")},
	})
	log := slog.New(logging.NewAirbyteHandler(writer.Log, level))
	for _, warning := range unknown {
		log.Warn(warning)
	}
	return log
}

// airbyteConfig reads the configuration and logs what of it has no effect.
func (p *Program) airbyteConfig(log *slog.Logger) (*config.Config, error) {
	spec, given, notes, err := p.given()
	if err != nil {
		return nil, err
	}
	p.words = dialect.AirbyteWords(given)
	cfg, warnings, err := config.ForAirbyte(spec, given)
	for _, warning := range append(notes, warnings...) {
		log.Warn(warning)
	}
	return cfg, err
}

func (p *Program) catalog(name string) (*protocol.Catalog, error) {
	if name == "" {
		return nil, &failure.ConfigError{Reason: "write needs a catalog", Hint: "give --catalog FILE"}
	}
	data, err := readNamed("--catalog", name)
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	if fault := decodeObject(data, object); fault != nil {
		return nil, &failure.ConfigError{Reason: "the catalog " + name + " cannot be read: " + fault.Error(), Hint: fault.hint}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	catalog, err := protocol.ParseCatalog(data)
	if err != nil {
		return nil, &failure.ConfigError{Reason: "the catalog cannot be used", Err: err}
	}
	return catalog, nil
}

// traceWithin is how long the last messages of a run that a signal ended may wait for a reader.
const traceWithin = 100 * time.Millisecond

// report tells Airbyte why the sync failed: what ended it, and each stream that failed by itself.
func (p *Program) report(writer *protocol.Writer, catalog *protocol.Catalog, err error) error {
	code := exitError
	switch {
	case errors.Is(err, errInterrupted):
		code = exitInterrupted
	case errors.Is(err, errTerminated):
		code = exitTerminated
	}
	if errors.Is(err, errAborted) {
		// The writer may be waiting for a reader that never comes.
		return &reported{code: code, err: err}
	}
	if code == exitError {
		if traceErr := p.traceAll(writer, catalog, err); traceErr != nil {
			return errors.Join(err, traceErr)
		}
		return &reported{code: code, err: err}
	}
	// After a signal there may be no reader of the output any more.
	traced := make(chan struct{})
	go func() {
		defer close(traced)
		_ = p.traceAll(writer, catalog, err) // the exit code says it, too
	}()
	select {
	case <-traced:
	case <-time.After(traceWithin):
	}
	return &reported{code: code, err: err}
}

// traceAll writes what ended the sync, and the status of each stream that failed by itself.
func (p *Program) traceAll(writer *protocol.Writer, catalog *protocol.Catalog, err error) error {
	causes := []error{err}
	if streams, ok := errors.AsType[*summary.StreamsError](err); ok {
		causes = streams.Failed
		for _, cause := range streams.Failed {
			if traceErr := writer.Incomplete(streamOf(catalog, cause)); traceErr != nil {
				return traceErr
			}
		}
		if streams.End != nil {
			causes = append([]error{err}, causes...)
		}
	}
	for _, cause := range causes {
		trace := protocol.Failure{Type: failureType(cause), Message: p.inWords(cause), Stream: streamOf(catalog, cause)}
		if traceErr := writer.Trace(trace); traceErr != nil {
			return traceErr
		}
	}
	return nil
}

// inWords is an error in the words of the form that the configuration was written in.
func (p *Program) inWords(err error) string {
	if p.words == nil {
		return err.Error()
	}
	return p.words(err.Error())
}

// streamOf finds the stream of the catalog that an error is about, the zero value for none.
func streamOf(catalog *protocol.Catalog, err error) protocol.Stream {
	var e *failure.Error
	if !errors.As(err, &e) || catalog == nil {
		return protocol.Stream{}
	}
	for _, s := range catalog.Streams {
		if s.Stream.String() == e.Stream {
			return s.Stream
		}
	}
	return protocol.Stream{}
}

// failureType says whom the failure is for: the user, another attempt, or us.
func failureType(err error) protocol.FailureType {
	var wrong *usageError
	switch {
	case errors.As(err, &wrong):
		return protocol.ConfigError
	case errors.Is(err, errInterrupted), errors.Is(err, errTerminated):
		return protocol.TransientError
	}
	switch failure.BlameOf(err) {
	case failure.Configuration:
		return protocol.ConfigError
	case failure.Connection:
		return protocol.TransientError
	default:
		return protocol.SystemError
	}
}
