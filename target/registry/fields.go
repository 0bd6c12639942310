package registry

import (
	"slices"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/revision"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// describeFields takes the fields from the SCHEMA.
func describeFields(s *revision.Spec, c *config.Config) error {
	fields, err := typemap.Fields(s.Schema.JSON, typemap.SchemaOptions{
		NumberType: s.Config.NumberType, DecodeBinary: s.Config.DecodeBinary, Airbyte: s.Airbyte, Depth: s.Config.Flatten.MaxLevel,
	})
	if err != nil {
		return &failure.Error{
			Blame: failure.Stream, Stream: s.Name, Reason: s.Say("the SCHEMA message cannot be used", "the json_schema of the catalog cannot be used"),
			Err: err, Hint: "the " + s.Sender() + " has to send a JSON Schema of an object with properties",
		}
	}
	if meta := s.Metadata(c); meta != nil {
		// These names belong to the metadata columns, also if the tap declares such fields.
		fields = slices.DeleteFunc(fields, func(f typemap.Field) bool {
			return slices.ContainsFunc(meta, func(e systemcolumn.Column) bool { return e.Name == f.Name })
		})
	}
	s.Fields, s.Description = fields, typemap.Description(s.Schema.JSON)
	return nil
}
