package feature

// The bounds of what is found. A repository that is beyond them is cut in a
// stable order, and the report says so.
const (
	maxEndpoints = 2_000
	maxListed    = 1_000 // of every other list
	maxRoutes    = 20_000
	maxNodes     = 100_000
	maxMounts    = 200_000
	maxDepth     = 16 // routers mounted in each other, files that pass a name on
	maxPlaces    = 32 // prefixes under which one router is mounted
	maxPathBytes = 400
	maxCandidate = 64 // files that one name is looked for in
)
