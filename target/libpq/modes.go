package libpq

import (
	"slices"
)

// StrictModes are the modes that never go without encryption.
var StrictModes = []string{"require", "verify-ca", "verify-full"}

// Modes are all modes of TLS, the weakest first.
var Modes = slices.Concat([]string{"disable", "allow", "prefer"}, StrictModes)
