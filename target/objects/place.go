package objects

import (
	"net/url"
	"path/filepath"
	"strings"
)

// place is where a URL says that a file is.
type place struct {
	// scheme is "file" for the local disk.
	scheme string
	// bucket is the bucket of an object store, "" on the local disk.
	bucket string
	// key is the object's key, or the path on the local disk, as it is written in the URL.
	key string
	// query is the signature that a URL of Azure may end with, without the "?". No message has it.
	query string
}

// parse reads a location: a URL, or a path on the local disk.
//
// The key is everything after the bucket, as it stands, with spaces, "#", "?" and "%": taps write keys as they are.
// [place.unescaped] is for those that encode them.
func parse(location string) place {
	scheme, rest, found := strings.Cut(location, "://")
	if !found {
		return place{scheme: "file", key: location}
	}
	p := place{scheme: strings.ToLower(scheme), key: rest}
	if p.scheme == "file" {
		if path, local := strings.CutPrefix(rest, "localhost/"); local {
			p.key = "/" + path
		}
		p.key = filepath.FromSlash(p.key)
		return p
	}
	p.bucket, p.key, _ = strings.Cut(rest, "/")
	if key, query, found := strings.Cut(p.key, "?"); found && strings.Contains(query, "sig=") {
		p.key, p.query = key, query
	}
	return p
}

// String is the place as messages name it: without an account before its bucket, and without a query, either of which
// may be a secret.
func (p place) String() string {
	if p.scheme == "file" {
		return p.key
	}
	bucket, key := p.bucket, p.key
	if at := strings.LastIndexByte(bucket, '@'); at >= 0 && (p.scheme != "az" || strings.Contains(bucket[:at], ":")) {
		bucket = bucket[at+1:]
	}
	if path, query, found := strings.Cut(key, "?"); found && strings.Contains(query, "=") {
		key = path + "?…"
	}
	return p.scheme + "://" + bucket + "/" + key
}

// hasCredentials reports whether the bucket is preceded by credentials, as Hadoop once had them. What Azure's URLs have
// there is a container.
func (p place) hasCredentials() bool {
	before, _, found := strings.Cut(p.bucket, "@")
	return found && (strings.HasPrefix(p.scheme, "s3") || strings.HasPrefix(p.scheme, "g") || strings.Contains(before, ":"))
}

// unescaped is the place whose key has its %XX decoded. It reports false if that is the same place.
func (p place) unescaped() (place, bool) {
	key, err := url.PathUnescape(p.key)
	if err != nil || key == p.key {
		return p, false
	}
	p.key = key
	return p, true
}
