//go:build !linux

package auth

// lowerPriority does nothing where priorities belong to whole processes.
func lowerPriority() {}
