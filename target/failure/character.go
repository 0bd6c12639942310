package failure

import (
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// byteSequence finds the bytes of the character in what the server says of it, in any language.
var byteSequence = regexp.MustCompile(`0x[0-9a-f]{2}(?: 0x[0-9a-f]{2})*`)

// Character is the character that the server refused, nil when it does not say.
func Character(pg *pgconn.PgError) []byte {
	digits := strings.NewReplacer("0x", "", " ", "").Replace(byteSequence.FindString(pg.Message))
	char, err := hex.DecodeString(digits)
	if err != nil || len(char) == 0 {
		return nil
	}
	return char
}
