// Package web holds the pages that the binary serves itself: what `npm run
// build` left in dist, embedded. It may import the standard library only.
//
// A bare clone has no built pages: dist then holds nothing but .gitkeep, so
// that the package compiles without Node.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS returns the built pages, with index.html at its root and ReDoc's bundle
// at redoc/redoc.standalone.js. It is empty, apart from .gitkeep, when nothing
// was built.
func FS() fs.FS {
	pages, err := fs.Sub(dist, "dist")
	if err != nil {
		// fs.Sub fails on a name that is not valid only, and "dist" is.
		panic(err)
	}
	return pages
}

// Built reports whether the pages were built before the binary was compiled.
func Built() bool { return built(FS()) }

func built(pages fs.FS) bool {
	info, err := fs.Stat(pages, "index.html")
	return err == nil && info.Mode().IsRegular()
}
