package rampforge

import "time"

// TreeFile is one file of a commit's tree.
type TreeFile struct {
	Path string // slash-separated, as git stores it; need not be valid UTF-8
	Blob string // the blob's object id in hexadecimal
	Mode uint32 // git's mode: 0100644, 0100755, 0120000 (link), 0160000 (submodule)
	Size int64  // bytes; -1 for a submodule or an object that the clone lacks
}

// The file modes that git stores.
const (
	ModeFile       uint32 = 0o100644
	ModeExecutable uint32 = 0o100755
	ModeSymlink    uint32 = 0o120000
	ModeSubmodule  uint32 = 0o160000
)

// Signature is a name and address as a commit carries them, before .mailmap.
type Signature struct {
	Name  string
	Email string
}

// ChangeStatus is git's one-letter status of a changed path.
type ChangeStatus byte

// The statuses that the history pass reports. A copy is reported as added.
const (
	ChangeAdded    ChangeStatus = 'A'
	ChangeModified ChangeStatus = 'M'
	ChangeDeleted  ChangeStatus = 'D'
	ChangeRenamed  ChangeStatus = 'R'
	ChangeType     ChangeStatus = 'T'
)

// Change is one path that a commit changed, against its first parent.
type Change struct {
	Status  ChangeStatus
	Path    string
	OldPath string // of a rename, else ""
}

// Commit is one commit of a history. Merges carry no changes of their own.
type Commit struct {
	Hash        string
	Parents     []string
	Author      Signature
	AuthoredAt  time.Time
	Committer   Signature
	CommittedAt time.Time
	Subject     string
	Body        string // the message after its subject, trailers included; may be cut at 64 KiB
	Changes     []Change
}
