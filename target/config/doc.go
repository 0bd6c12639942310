// Package config holds the settings: spec.json, which lists them, their forms in Airbyte's configuration and in those
// of other targets, and what they come to for one stream.
//
// A Config that was read never changes, and any goroutine may read it.
package config
