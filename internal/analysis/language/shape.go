package language

import "strings"

// telling are the names of folders, in lower case, that parsers look at: tests
// and programs lie there, and what a web server hands out.
var telling = map[string]bool{
	"test": true, "tests": true, "spec": true, "bin": true,
	"public": true, "web": true, "www": true, "htdocs": true, "public_html": true, "webroot": true,
}

// PathShape returns what facts may depend on of a path: the file's name and the
// folders that tell something. Each run of others is one "_". A parser is given
// the shape in place of the path, so that the facts of a file stay when a folder
// is renamed.
func PathShape(path string) string {
	base := strings.LastIndexByte(path, '/') + 1
	shape := make([]byte, 0, len(path))
	folders := strings.Split(strings.TrimSuffix(path[:base], "/"), "/")
	for i, folder := range folders {
		switch {
		case base == 0:
		case folder == "src" && i+1 < len(folders) && folders[i+1] == "test": // Maven's and Gradle's
			shape = append(shape, "src/"...)
		case telling[strings.ToLower(folder)]:
			shape = append(append(shape, folder...), '/')
		case len(shape) < 2 || string(shape[len(shape)-2:]) != "_/":
			shape = append(shape, "_/"...)
		}
	}
	return string(append(shape, path[base:]...))
}
