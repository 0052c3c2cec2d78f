package api

// PlainRoutes returns the patterns of the routes that are not in the OpenAPI
// document.
func (a *API) PlainRoutes() []string { return a.plain }
