package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/rampforgeai/rampforge"
)

// outputWritable fails early: an analysis of minutes must not end on a folder
// that never existed.
func outputWritable(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usageError{fmt.Errorf("--output %s is a folder: name a file in it", path)}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".rampforge-*")
	if err != nil {
		return outputError(path, err)
	}
	return errors.Join(temp.Close(), os.Remove(temp.Name()))
}

// writeOutput writes to the file at path, or to stdout when path is "". The
// file is whole or as it was: it is written beside its place and renamed.
func writeOutput(stdout io.Writer, path string, write func(io.Writer) error) error {
	if path == "" {
		w := bufio.NewWriterSize(stdout, 64<<10)
		return errors.Join(write(w), w.Flush())
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".rampforge-*")
	if err != nil {
		return outputError(path, err)
	}
	defer os.Remove(temp.Name())
	w := bufio.NewWriterSize(temp, 64<<10)
	err = errors.Join(write(w), w.Flush(), temp.Chmod(0o644), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return outputError(path, err)
	}
	return nil
}

// outputError says what to do about a file that cannot be written.
func outputError(path string, err error) error {
	e := &rampforge.Error{Code: rampforge.CodeAnalysis, Err: err, Details: map[string]any{}}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e.Message, e.Details["reason"] = fmt.Sprintf("No space is left to write %s: free some, or write to another disk.", path), "no_space"
	case errors.Is(err, os.ErrPermission):
		e.Message, e.Details["reason"] = path+" cannot be written: the folder does not allow it; choose another with --output.", "permission_denied"
	case errors.Is(err, os.ErrNotExist):
		e.Message = path + " cannot be written: its folder does not exist; make it first."
	default:
		e.Message = fmt.Sprintf("%s cannot be written: %v.", path, err)
	}
	return e
}
