package validate

import (
	"math/big"
	"regexp"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// A prover knows what one schema asks of a value, as far as that can be proved from the value's text. The library would
// accept every value that it proves. One that it cannot prove may still be valid: the library is asked then.
type prover struct {
	// never is set where the schema has a keyword that the text does not answer: nothing is proved.
	never bool
	types types
	// equal are the texts of the values that enum allows, or const; nil where any is allowed.
	equal  []string
	format func(any) bool

	minLength, maxLength int // in characters, -1 for none
	pattern              *regexp.Regexp

	bounds   []bound
	multiple multiple

	items              *prover
	minItems, maxItems int // -1 for none
	unique             bool

	members                      map[string]member
	required                     int
	minProperties, maxProperties int // -1 for none
	// closed is set where no member may have another name; others is what such a member has to meet, nil for nothing.
	closed bool
	others *prover

	// all are further schemas that have to be met, oneOf are lists of which one has to be.
	all   []*prover
	oneOf [][]*prover
}

// member is what an object's schema says of the member of one name.
type member struct {
	// value may be nil: the member is required only.
	value *prover
	// bit is the member's number among those that are required, -1 where it may be absent.
	bit int
}

// mostRequired is how many members may be required of an object before nothing is proved of it.
const mostRequired = 256

// compilation turns the library's schemas into provers, each only once: they may refer to each other in circles.
type compilation struct {
	formats bool
	done    map[*jsonschema.Schema]*prover
}

// newProver returns the prover of a compiled schema. formats reports whether its formats count.
func newProver(schema *jsonschema.Schema, formats bool) *prover {
	c := compilation{formats: formats, done: map[*jsonschema.Schema]*prover{}}
	return c.prover(schema)
}

// prover returns the prover of a schema, nil for none.
func (c *compilation) prover(s *jsonschema.Schema) *prover {
	if s == nil {
		return nil
	}
	if p, there := c.done[s]; there {
		return p
	}
	p := &prover{minLength: -1, maxLength: -1, minItems: -1, maxItems: -1, minProperties: -1, maxProperties: -1}
	c.done[s] = p
	if s.Always != nil {
		p.never = !*s.Always
		return p
	}
	p.never = beyond(s)
	p.types = typesOf(s.Types)
	c.values(p, s)
	c.numbers(p, s)
	c.arrays(p, s)
	c.objects(p, s)
	c.combined(p, s)
	return p
}

// beyond reports whether the schema has a keyword of which nothing is proved.
func beyond(s *jsonschema.Schema) bool {
	return s.RecursiveRef != nil || s.DynamicRef != nil || s.Not != nil || s.If != nil || s.PropertyNames != nil || s.RegexProperties ||
		len(s.PatternProperties) > 0 || len(s.Dependencies) > 0 || len(s.DependentRequired) > 0 || len(s.DependentSchemas) > 0 ||
		s.UnevaluatedProperties != nil || s.UnevaluatedItems != nil || s.AdditionalItems != nil || len(s.PrefixItems) > 0 ||
		s.Contains != nil || s.ContentEncoding != "" || s.ContentMediaType != "" || s.ContentSchema != nil || len(s.Extensions) > 0
}

// values takes over what is asked of the value itself, and of strings.
func (c *compilation) values(p *prover, s *jsonschema.Schema) {
	for i, list := range [][]any{s.Enum, s.Constant} {
		if len(list) == 0 {
			continue
		}
		if i > 0 && p.equal != nil {
			p.never = true // both enum and const
		}
		p.equal = texts(list)
	}
	if c.formats && s.Format != "" {
		p.format = jsonschema.Formats[s.Format]
	}
	p.minLength, p.maxLength, p.pattern = s.MinLength, s.MaxLength, s.Pattern
}

func (c *compilation) numbers(p *prover, s *jsonschema.Schema) {
	p.bounds = slices.Concat(lower(s.Minimum, true), lower(s.ExclusiveMinimum, false), upper(s.Maximum, true), upper(s.ExclusiveMaximum, false))
	p.multiple = multipleOf(s.MultipleOf)
}

func (c *compilation) arrays(p *prover, s *jsonschema.Schema) {
	p.minItems, p.maxItems, p.unique = s.MinItems, s.MaxItems, s.UniqueItems
	p.items = c.prover(s.Items2020)
	switch items := s.Items.(type) {
	case nil:
	case *jsonschema.Schema:
		p.items = c.prover(items)
	default:
		p.never = true // a schema for each place
	}
}

func (c *compilation) objects(p *prover, s *jsonschema.Schema) {
	p.minProperties, p.maxProperties = s.MinProperties, s.MaxProperties
	p.members = make(map[string]member, len(s.Properties))
	for name, schema := range s.Properties {
		p.members[name] = member{value: c.prover(schema), bit: -1}
	}
	for _, name := range s.Required {
		m, declared := p.members[name]
		if declared && m.bit >= 0 {
			continue
		}
		// A member that is required without being declared counts as another one.
		p.never = p.never || !declared && s.AdditionalProperties != nil
		m.bit = p.required
		p.members[name] = m
		p.required++
	}
	p.never = p.never || p.required > mostRequired
	switch others := s.AdditionalProperties.(type) {
	case bool:
		p.closed = !others
	case *jsonschema.Schema:
		p.others = c.prover(others)
	}
}

// combined takes over the schemas that apply to the same value.
func (c *compilation) combined(p *prover, s *jsonschema.Schema) {
	if s.Ref != nil {
		p.all = append(p.all, c.prover(s.Ref))
	}
	for _, one := range s.AllOf {
		p.all = append(p.all, c.prover(one))
	}
	for _, list := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		if len(list) == 0 {
			continue
		}
		provers := make([]*prover, len(list))
		for i, one := range list {
			provers[i] = c.prover(one)
		}
		p.oneOf = append(p.oneOf, provers)
	}
	// Of oneOf exactly one may be met. Types that no value has two of prove that no second one is.
	p.never = p.never || len(s.OneOf) > 0 && !apart(s.OneOf)
}

// apart reports whether every value has the type of at most one of the schemas.
func apart(schemas []*jsonschema.Schema) bool {
	var seen types
	for _, s := range schemas {
		own := typesOf(s.Types)
		if own&integers != 0 {
			own |= numbers
		}
		if own == 0 || own&seen != 0 || s.Always != nil {
			return false
		}
		seen |= own
	}
	return true
}

// bound is one end of the numbers that are allowed.
type bound struct {
	limit float64
	// exact is set where limit is the bound itself, and not the nearest number to it.
	exact bool
	// upper is set for an end above, within where the bound itself is allowed.
	upper, within bool
}

func lower(limit *big.Rat, within bool) []bound { return boundOf(limit, false, within) }
func upper(limit *big.Rat, within bool) []bound { return boundOf(limit, true, within) }

func boundOf(limit *big.Rat, upper, within bool) []bound {
	if limit == nil {
		return nil
	}
	nearest, exact := limit.Float64()
	return []bound{{limit: nearest, exact: exact, upper: upper, within: within}}
}

// multiple is what multipleOf asks for.
type multiple struct {
	asked bool
	// places is set for 10^-places: the number of digits after the point decides. whole is set for a whole number.
	places int
	whole  int64
}

func multipleOf(step *big.Rat) multiple {
	m := multiple{asked: step != nil, places: -1}
	if step == nil {
		return m
	}
	if step.IsInt() && step.Num().IsInt64() && step.Sign() > 0 {
		m.whole = step.Num().Int64()
	}
	power := big.NewInt(1)
	for places := 0; places < 40 && step.Num().IsInt64() && step.Num().Int64() == 1; places++ {
		if power.Cmp(step.Denom()) == 0 {
			m.places = places
		}
		power = new(big.Int).Mul(power, big.NewInt(10))
	}
	return m
}
