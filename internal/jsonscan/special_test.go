package jsonscan

import "testing"

func TestAppendStrictReplacesSpecialNumbersOnly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, want string
		replaced   int
	}{
		{`NaN`, `null`, 1},
		{`-Infinity`, `null`, 1},
		{`[NaN,-1,Infinity , -Infinity]`, `[null,-1,null , null]`, 3},
		{`{"NaN":"Infinity","x\"-Infinity":NaN}`, `{"NaN":"Infinity","x\"-Infinity":null}`, 1},
		{`{"Name":"None","a":-1.5}`, `{"Name":"None","a":-1.5}`, 0},
		{`null`, `null`, 0},
		{``, ``, 0},
	}
	for _, tt := range tests {
		got, n := AppendStrict([]byte("+"), []byte(tt.text), "null")
		if string(got) != "+"+tt.want || n != tt.replaced {
			t.Errorf("AppendStrict(%s) = %s, %d; want %s, %d", tt.text, got[1:], n, tt.want, tt.replaced)
		}
	}
}
