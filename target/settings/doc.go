// Package settings reads spec.json, the only list of the settings: what each is named, its type, its default and what
// may be said of it. It makes one form of what a user gives: other names are renamed, dotted names nested, texts read,
// defaults filled in. It does not know what a setting does.
//
// It keeps nothing that changes: every goroutine may use it.
package settings
