package failure

import "github.com/jackc/pgerrcode"

// Untranslatable reports whether the server refused a character that the database's encoding lacks.
func Untranslatable(err error) bool {
	code := SQLState(err)
	return code == pgerrcode.UntranslatableCharacter || code == pgerrcode.CharacterNotInRepertoire
}
