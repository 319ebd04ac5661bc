package emulator

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// newID returns a random LUID.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // it never fails
	return luid(b)
}

// luid makes bytes look like a random LUID.
func luid(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newSecret returns 256 random bits in characters that need no escaping anywhere.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashSecret is what the store keeps of a session token or a personal access token: both are too random to be guessed.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
