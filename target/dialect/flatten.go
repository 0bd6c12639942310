package dialect

import (
	"target-postgres/target/failure"
)

// flattenLikeSDK turns the four settings by which Meltano's SDK flattens into ours.
func flattenLikeSDK(t *translation, value any) error {
	if isOff(value) {
		return nil
	}
	depth, said := t.theirs["flattening_max_depth"]
	if !said {
		return &failure.ConfigError{
			Setting: "flattening_max_depth", Reason: "is missing, though flattening_enabled is true", Hint: "set it to the number of levels that are to be opened",
		}
	}
	// There a name of PostgreSQL's greatest length stays, and a longer one fails.
	flatten := map[string]any{"max_level": depth, "max_key_length": 64}
	for theirs, ours := range map[string]string{"flattening_separator": "separator", "flattening_max_key_length": "max_key_length"} {
		if value, said := t.theirs[theirs]; said {
			flatten[ours] = value
		}
	}
	t.unless("flatten", flatten)
	return nil
}

// flattenLikePipelinewise turns data_flattening_max_level into ours.
func flattenLikePipelinewise(t *translation, value any) error {
	if !isOff(value) {
		t.unless("flatten", map[string]any{"max_level": value})
	}
	return nil
}
