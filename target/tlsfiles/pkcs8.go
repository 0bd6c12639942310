package tlsfiles

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // keys that exist are encrypted with it
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // the default of PBKDF2, and safe in HMAC
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/scrypt"
)

// The errors of DecryptPKCS8. Only the decrypted text shows that a passphrase is wrong.
var (
	errPassphrase = errors.New("the passphrase is wrong")
	errPKCS8      = errors.New("the key is damaged")
)

// The objects of RFC 8018 (PBES2) that OpenSSL writes, and scrypt of RFC 7914.
var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
)

type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2 struct {
	Derivation pkix.AlgorithmIdentifier
	Cipher     pkix.AlgorithmIdentifier
}

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	Length     int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

type scryptParams struct {
	Salt    []byte
	N, R, P int
	Length  int `asn1:"optional"`
}

// DecryptPKCS8 opens an EncryptedPrivateKeyInfo, which the standard library cannot: the form that openssl has written
// since 1.0, with PBES2. The error says whether the passphrase, the scheme or the key is wrong.
func DecryptPKCS8(der []byte, passphrase string) ([]byte, error) {
	var key encryptedKey
	var scheme pbes2
	if err := unmarshal(der, &key); err != nil {
		return nil, err
	}
	if !key.Algorithm.Algorithm.Equal(oidPBES2) {
		return nil, fmt.Errorf("the key is encrypted by an outdated scheme (%s)", key.Algorithm.Algorithm)
	}
	if err := unmarshal(key.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, err
	}
	newCipher, size, err := blockCipher(scheme.Cipher.Algorithm)
	if err != nil {
		return nil, err
	}
	secret, err := derive(scheme.Derivation, passphrase, size)
	if err != nil {
		return nil, err
	}
	block, err := newCipher(secret)
	if err != nil {
		return nil, errPKCS8
	}
	var iv []byte
	if err := unmarshal(scheme.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, err
	}
	if len(iv) != block.BlockSize() || len(key.Data) == 0 || len(key.Data)%block.BlockSize() != 0 {
		return nil, errPKCS8
	}
	plain := make([]byte, len(key.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, key.Data)
	return unpad(plain, block.BlockSize())
}

// unpad also looks whether what came out is a sequence, as a key is: one wrong passphrase in 256 gives a padding that
// is right.
func unpad(plain []byte, size int) ([]byte, error) {
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > size || padding > len(plain) {
		return nil, errPassphrase
	}
	for _, b := range plain[len(plain)-padding:] {
		if int(b) != padding {
			return nil, errPassphrase
		}
	}
	plain = plain[:len(plain)-padding]
	var sequence asn1.RawValue
	if rest, err := asn1.Unmarshal(plain, &sequence); err != nil || len(rest) > 0 || sequence.Tag != asn1.TagSequence {
		return nil, errPassphrase
	}
	return plain, nil
}

func blockCipher(oid asn1.ObjectIdentifier) (newCipher func([]byte) (cipher.Block, error), size int, err error) {
	switch oid.String() {
	case "2.16.840.1.101.3.4.1.2":
		return aes.NewCipher, 16, nil
	case "2.16.840.1.101.3.4.1.22":
		return aes.NewCipher, 24, nil
	case "2.16.840.1.101.3.4.1.42":
		return aes.NewCipher, 32, nil
	case "1.2.840.113549.3.7":
		return des.NewTripleDESCipher, 24, nil
	}
	return nil, 0, fmt.Errorf("the key is encrypted by a cipher that is not AES or 3DES in CBC mode (%s)", oid)
}

// derive makes the cipher's key of the passphrase.
func derive(algorithm pkix.AlgorithmIdentifier, passphrase string, size int) ([]byte, error) {
	switch {
	case algorithm.Algorithm.Equal(oidPBKDF2):
		var p pbkdf2Params
		if err := unmarshal(algorithm.Parameters.FullBytes, &p); err != nil {
			return nil, err
		}
		prf, err := pseudorandom(p.PRF.Algorithm)
		if err != nil {
			return nil, err
		}
		secret, err := pbkdf2.Key(prf, passphrase, p.Salt, p.Iterations, size)
		if err != nil {
			return nil, errPKCS8
		}
		return secret, nil
	case algorithm.Algorithm.Equal(oidScrypt):
		var p scryptParams
		if err := unmarshal(algorithm.Parameters.FullBytes, &p); err != nil {
			return nil, err
		}
		secret, err := scrypt.Key([]byte(passphrase), p.Salt, p.N, p.R, p.P, size)
		if err != nil {
			return nil, errPKCS8
		}
		return secret, nil
	}
	return nil, fmt.Errorf("the key is derived by a function that is not PBKDF2 or scrypt (%s)", algorithm.Algorithm)
}

// pseudorandom is the hash under PBKDF2's HMAC; SHA-1 where none is named.
func pseudorandom(oid asn1.ObjectIdentifier) (func() hash.Hash, error) {
	switch oid.String() {
	case "", "1.2.840.113549.2.7":
		return sha1.New, nil
	case "1.2.840.113549.2.8":
		return sha256.New224, nil
	case "1.2.840.113549.2.9":
		return sha256.New, nil
	case "1.2.840.113549.2.10":
		return sha512.New384, nil
	case "1.2.840.113549.2.11":
		return sha512.New, nil
	}
	return nil, fmt.Errorf("the key is derived with a hash that is not SHA-1 or SHA-2 (%s)", oid)
}

func unmarshal(der []byte, into any) error {
	if rest, err := asn1.Unmarshal(der, into); err != nil || len(rest) > 0 {
		return errPKCS8
	}
	return nil
}
