// Package secret keeps the key that signs tokens and seals credentials. It
// reads and writes one file, and logs nothing.
package secret

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyFile is the name of the file in the data folder that keeps a generated key.
const KeyFile = "secret.key"

// LoadOrCreate returns the key kept in dir/secret.key and makes one of 256
// random bits when there is none, readable by its owner only. Processes that
// start at once get the same key. The file is complete or absent at any moment.
func LoadOrCreate(dir string) (string, error) {
	path := filepath.Join(dir, KeyFile)
	key, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the data folder: %w", err)
	}
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("keeping a generated key: %w", err)
	}
	return read(path)
}

func read(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		return "", fmt.Errorf("%s can be read by other users (mode %04o): run chmod 600 on it, and delete it to get a new key if others may have read it", path, info.Mode().Perm())
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	key := strings.TrimSpace(string(content))
	if len(key) < 32 {
		return "", fmt.Errorf("%s holds no key of 32 characters or more: delete it to get a new one (everyone signs in again, and sealed credentials must be entered again)", path)
	}
	return key, nil
}

// create writes a new key under a name of its own and links it into place: a
// link fails when another process was first, where a rename would replace the
// key that the other one already uses.
func create(path string) error {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(hex.EncodeToString(raw) + "\n")
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Link(temp.Name(), path)
}

// Derive returns a key of 32 bytes for one purpose, by HKDF with SHA-256
// (RFC 5869), so that a key used for one thing says nothing about another.
func Derive(key, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(key), nil, "rampforge/"+purpose, 32)
}
