// Package dialect understands the configuration of other Singer targets for PostgreSQL: it puts the settings of this
// program in the place of theirs, and says what becomes of those that have no equal.
//
// It promises that no documented setting of theirs is passed over without a word. It knows their settings by name and
// ours by name only: what they mean is the business of package config. It keeps nothing, so any goroutine may call it.
package dialect
