package typemap

import "testing"

// shapes returns one shape for every sort of thing that a schema can say.
func shapes(t *testing.T) []shape {
	t.Helper()
	shapes := []shape{anyShape(), {}}
	for _, schema := range []string{
		`{"type":"null"}`, `{"type":"boolean"}`, `{"type":"integer"}`, `{"type":"number"}`, `{"type":"string"}`,
		`{"type":"object"}`, `{"type":["null","string"],"format":"date"}`, `{"type":"string","format":"date-time"}`,
		`{"type":"string","format":"uuid"}`, `{"type":"integer","maximum":5}`, `{"type":"integer","minimum":-1e30}`,
		`{"type":"integer","maximum":1e30,"minimum":0}`, `{"enum":["a",1]}`, `{"const":2.5}`, `{"enum":[1e30,-1e30,null]}`,
		`{"type":"string","format":"singer.decimal","precision":10,"scale":2}`, `{"format":"time"}`,
		`{"type":"number","format":"singer.decimal","precision":12,"scale":1}`, `{"type":"string","format":"singer.decimal"}`,
	} {
		n, err := parseSchema([]byte(schema))
		if err != nil {
			t.Fatal(err)
		}
		shapes = append(shapes, newResolver(n, SchemaOptions{}).shape(n))
	}
	return shapes
}

func TestUnionOfShapesIsASetUnion(t *testing.T) {
	t.Parallel()
	all := shapes(t)
	for _, a := range all {
		if u := a.union(a); u != a.tidy() {
			t.Errorf("the union of %+v with itself is %+v", a, u)
		}
		if u := a.union(shape{}); u != a.tidy() {
			t.Errorf("the union of %+v with nothing is %+v", a, u)
		}
		for _, b := range all {
			u := a.union(b)
			if v := b.union(a); u != v {
				t.Errorf("the union of %+v and %+v is %+v or %+v", a, b, u, v)
			}
			if u.types != a.types|b.types || u.text != a.tidy().text|b.tidy().text {
				t.Errorf("the union of %+v and %+v is %+v", a, b, u)
			}
			for _, c := range all {
				if l, r := a.union(b).union(c), a.union(b.union(c)); l != r {
					t.Errorf("the union of %+v, %+v and %+v is %+v or %+v", a, b, c, l, r)
				}
			}
		}
	}
}

func TestIntersectionOfShapesLosesNoType(t *testing.T) {
	t.Parallel()
	all := shapes(t)
	for _, a := range all {
		if i := a.intersection(anyShape()); i != a.tidy() {
			t.Errorf("%+v and everything is %+v", a, i)
		}
		if i := a.intersection(a); i != a.tidy() {
			t.Errorf("%+v and itself is %+v", a, i)
		}
		for _, b := range all {
			i := a.intersection(b)
			if j := b.intersection(a); i != j {
				t.Errorf("%+v and %+v is %+v or %+v", a, b, i, j)
			}
			if i.types != a.types&b.types {
				t.Errorf("%+v and %+v is %+v", a, b, i)
			}
			if (i.types&typeString != 0) != (i.text != 0) || (i.types&typeNumber != 0) != (i.number != 0) {
				t.Errorf("%+v and %+v is %+v, with forms of types that it lacks or without", a, b, i)
			}
		}
	}
}

func TestDecimalLimitsJoin(t *testing.T) {
	t.Parallel()
	limits := []decimal{{}, decimalOf(10, 2), decimalOf(12, 8), decimalOf(5, 0), decimalOf(5, 5), decimalOf(3, -2), decimalOf(2, 5), decimalOf(1000, 0), decimalOf(999, 999)}
	for _, d := range limits {
		for _, e := range limits {
			j := d.join(e)
			if !j.holds(d) || !j.holds(e) {
				t.Errorf("join of %+v and %+v is %+v, which does not hold both", d, e, j)
			}
			if j.limited && (j.whole+j.scale < 1 || j.whole+j.scale > maxPrecision) {
				t.Errorf("join of %+v and %+v is %s, which is no type", d, e, j.columnType())
			}
			if d.holds(e) && e.holds(d) && d != e {
				t.Errorf("%+v and %+v hold each other", d, e)
			}
		}
	}
	for _, c := range []struct {
		d, e decimal
		want string
	}{
		{decimalOf(10, 2), decimalOf(12, 8), "numeric(16,8)"},
		{decimalOf(5, 0), decimalOf(5, 5), "numeric(10,5)"},
		{decimalOf(10, 2), decimal{}, "numeric"},
		{decimalOf(1000, 0), decimalOf(5, 5), "numeric"},
		{decimalOf(995, 0), decimalOf(5, 5), "numeric(1000,5)"},
		{decimalOf(10, 2), decimalOf(9, 2), "numeric(10,2)"},
	} {
		if got := c.d.join(c.e).columnType().Name; got != c.want {
			t.Errorf("join of %+v and %+v is %s, want %s", c.d, c.e, got, c.want)
		}
	}
}
