package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	place, _, direct, err := outputPlace(path)
	if err != nil || direct {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(place), ".rampforge-*")
	if errors.Is(err, fs.ErrNotExist) {
		return usageError{fmt.Errorf("--output %s: there is no folder %s; make it first", path, filepath.Dir(place))}
	}
	if err != nil {
		return outputError(path, err)
	}
	return errors.Join(temp.Close(), os.Remove(temp.Name()))
}

var errDangling = errors.New("it is a link to a file that does not exist; remove it or name another")

// outputPlace returns the file that path leads to and the mode it is to have.
// It is direct where there is no file to replace but something to write into,
// such as a pipe or a device.
func outputPlace(path string) (place string, mode os.FileMode, direct bool, err error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return path, 0, true, nil
	case err == nil:
		place, err = filepath.EvalSymlinks(path)
		if err != nil {
			return "", 0, false, outputError(path, err)
		}
		return place, info.Mode().Perm(), false, nil
	}
	if _, linkErr := os.Lstat(path); linkErr == nil {
		return "", 0, false, outputError(path, errDangling)
	}
	return path, 0o644, false, nil
}

// writeOutput writes to the file at path, or to stdout when path is "". The
// file is whole or as it was: it is written beside its place and renamed, and
// keeps its mode. Links are followed; a pipe or a device is written into.
func writeOutput(stdout io.Writer, path string, write func(io.Writer) error) error {
	if path == "" {
		w := bufio.NewWriterSize(stdout, 64<<10)
		return errors.Join(write(w), w.Flush())
	}
	place, mode, direct, err := outputPlace(path)
	if err != nil {
		return err
	}
	if direct {
		return writeInto(path, write)
	}
	temp, err := os.CreateTemp(filepath.Dir(place), ".rampforge-*")
	if err != nil {
		return outputError(path, err)
	}
	defer os.Remove(temp.Name())
	w := bufio.NewWriterSize(temp, 64<<10)
	err = errors.Join(write(w), w.Flush(), temp.Chmod(mode), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), place)
	}
	if err != nil {
		return outputError(path, err)
	}
	return nil
}

// writeInto writes to what is there, such as a pipe.
func writeInto(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return outputError(path, err)
	}
	w := bufio.NewWriterSize(file, 64<<10)
	if err := errors.Join(write(w), w.Flush(), file.Close()); err != nil {
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
