package objects

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"target-postgres/target/failure"
)

// fault is why a file, or the rest of it, cannot be read.
type fault struct {
	blame failure.Blame
	// reason says what is wrong. It has no part of a request.
	reason, hint string
	// again says that the same request may succeed later.
	again bool
	// missing says that the store has no such file.
	missing bool
}

func (f *fault) Error() string { return f.reason }

// changed is the fault of a file that is another one than when it was opened.
func changed() *fault {
	return &fault{
		blame: failure.Stream, reason: "the file has changed while it was read",
		hint: "do not write to a file after its BATCH message is sent, and run the tap again",
	}
}

// differs is the fault of a file that arrived as a whole, with another checksum than the store has for it.
func differs() *fault {
	return &fault{
		blame: failure.Connection, reason: "its content is not what the store has: the checksums differ",
		hint: "run the tap again; if that does not help, let it write the file again",
	}
}

// noParts is the fault of a store that sends a file from its beginning when the rest of it is asked for.
func noParts() *fault {
	return &fault{blame: failure.Configuration, reason: "the store does not send parts of a file", hint: "make the connection to it reliable, or use another store"}
}

// ofStatus is the fault that an answer of a store means. The code is the store's own word for it, "" if it gave none.
func ofStatus(status int, code, rights string) *fault {
	said := fmt.Sprintf("HTTP %d", status)
	if code != "" {
		said = fmt.Sprintf("%s, HTTP %d", code, status)
	}
	switch {
	case status == http.StatusNotFound:
		return &fault{
			blame: failure.Stream, reason: "there is no such file (" + said + ")", missing: true,
			hint: "look whether the tap's batch_config names the bucket that the loader's endpoint and account have, and whether something deleted the file",
		}
	case status == http.StatusUnauthorized:
		return &fault{blame: failure.Configuration, reason: "the credentials are refused (" + said + ")", hint: "correct or renew the credentials of the environment"}
	case status == http.StatusForbidden:
		return &fault{blame: failure.Configuration, reason: "access is denied (" + said + ")", hint: "give the credentials of the environment " + rights}
	case status == http.StatusPreconditionFailed, status == http.StatusRequestedRangeNotSatisfiable:
		return changed()
	case status >= http.StatusInternalServerError, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return &fault{blame: failure.Connection, reason: "the store does not serve it now (" + said + ")", hint: "try again later", again: true}
	}
	return &fault{blame: failure.Configuration, reason: "the store refuses the request (" + said + ")", hint: "look up the code in the store's documentation"}
}

// ofNetwork is the fault of a request that got no answer, or not all of it.
func ofNetwork(err error) *fault {
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &fault{
			blame: failure.Configuration, reason: "the store's certificate cannot be verified: " + certificate.Err.Error(),
			hint: "name the certificates of its authority in AWS_CA_BUNDLE or SSL_CERT_FILE, or correct the endpoint",
		}
	}
	if _, plain := errors.AsType[tls.RecordHeaderError](err); plain || errors.Is(err, http.ErrSchemeMismatch) {
		return &fault{blame: failure.Configuration, reason: "the store speaks HTTP without TLS", hint: "begin its endpoint with http:// instead of https://"}
	}
	reason := "the connection was lost"
	var name *net.DNSError
	var operation *net.OpError
	var request *url.Error
	switch {
	case errors.As(err, &name):
		reason = "the name " + name.Name + " cannot be resolved"
	case errors.As(err, &operation):
		reason = operation.Err.Error()
		if operation.Addr != nil {
			reason = operation.Addr.String() + ": " + reason
		}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &request) && request.Timeout():
		reason = "the store does not answer"
	case errors.Is(err, errStalled):
		reason = errStalled.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = "the connection ended before the file did"
	}
	return &fault{blame: failure.Connection, reason: reason, hint: "look at the network and at the endpoint of the store", again: true}
}
