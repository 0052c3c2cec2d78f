package analysis

import "time"

// Limits bound what one analysis costs. What lies beyond them is left out,
// counted and said in the report.
type Limits struct {
	FileBytes  int64         // largest file that is read, in bytes
	TotalBytes int64         // of all files that are read
	Files      int           // files that are read
	ParseTime  time.Duration // for one file; a parser that takes longer loses that file's facts
}

// DefaultLimits are those of the product.
func DefaultLimits() Limits {
	return Limits{FileBytes: 1 << 20, TotalBytes: 4 << 30, Files: 400_000, ParseTime: 10 * time.Second}
}
