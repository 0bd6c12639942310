package libpq

// TLSMode is libpq's sslmode: whether a connection is encrypted, and what of the server's certificate is verified. ""
// chooses none of them.
type TLSMode string

// The modes, the weakest first. Only the last three never go without encryption.
const (
	TLSDisable    TLSMode = "disable"
	TLSAllow      TLSMode = "allow"
	TLSPrefer     TLSMode = "prefer"
	TLSRequire    TLSMode = "require"
	TLSVerifyCA   TLSMode = "verify-ca"
	TLSVerifyFull TLSMode = "verify-full"
)

// ParseTLSMode returns the mode that the text names, false if it names none.
func ParseTLSMode(text string) (TLSMode, bool) {
	switch mode := TLSMode(text); mode {
	case TLSDisable, TLSAllow, TLSPrefer, TLSRequire, TLSVerifyCA, TLSVerifyFull:
		return mode, true
	}
	return "", false
}

// Encrypts reports whether a connection in the mode is never without encryption.
func (m TLSMode) Encrypts() bool { return m == TLSRequire || m.Verifies() }

// Verifies reports whether the mode verifies the server's certificate in any case.
func (m TLSMode) Verifies() bool { return m == TLSVerifyCA || m == TLSVerifyFull }
