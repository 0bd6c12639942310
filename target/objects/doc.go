// Package objects opens the files that URLs name: on the local disk, in S3 and stores with its protocol, in Google
// Cloud Storage and in Azure Blob Storage.
//
// It promises the bytes of one version of a file, whole, once and in order, over lost connections. Its errors name the
// file and say what to do. They carry no credentials: no secret, no access key id, no query of a URL.
//
// The goroutine that reads the input opens and reads the files.
package objects
