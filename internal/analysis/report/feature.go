package report

// Endpoint is an HTTP endpoint that the software answers.
type Endpoint struct {
	Method      string    `json:"method"`      // upper case, ANY for every method
	Path        string    `json:"path"`        // with parameters as {id}, {id...} for the rest
	Handler     *string   `json:"handler"`     // as the code names it, null for a function without a name
	Declared    *Location `json:"declared"`    // where the handler is declared, null when that is not known
	Description *string   `json:"description"` // what the handler or the API document says
	Framework   string    `json:"framework"`
	Feature     string    `json:"feature"`    // the name of the feature that it belongs to, "" for none
	Confidence  float64   `json:"confidence"` // 0–1
	Location    Location  `json:"location"`   // where the route is registered
}

// CLICommand is a command that a user can give in a terminal.
type CLICommand struct {
	Name        string   `json:"name"` // with the commands above it: "service add"
	Description *string  `json:"description"`
	Handler     *string  `json:"handler"`
	Framework   string   `json:"framework"`
	Feature     string   `json:"feature"`
	Location    Location `json:"location"`
}

// Job is work that starts by itself.
type Job struct {
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`     // scheduled, queue, listener
	Schedule  *string  `json:"schedule"` // as written: a cron line or an interval
	Queue     *string  `json:"queue"`    // the queue, topic or event that it waits for
	Handler   *string  `json:"handler"`
	Framework string   `json:"framework"`
	Feature   string   `json:"feature"`
	Location  Location `json:"location"`
}

// Model is something that the software keeps in a database.
type Model struct {
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`   // model, migration
	Table     *string  `json:"table"`  // null when it is not written
	Fields    *int     `json:"fields"` // null when they are not known
	Framework string   `json:"framework"`
	Feature   string   `json:"feature"`
	Location  Location `json:"location"`
}

// Page is a page of a user interface.
type Page struct {
	Path      string   `json:"path"`      // as that of an endpoint
	Component *string  `json:"component"` // what is shown there
	Framework string   `json:"framework"`
	Feature   string   `json:"feature"`
	Location  Location `json:"location"`
}

// RPC is a remote procedure.
type RPC struct {
	Service     string   `json:"service"`
	Method      string   `json:"method"`
	Protocol    string   `json:"protocol"` // grpc, graphql, trpc, jsonrpc
	Description *string  `json:"description"`
	Framework   string   `json:"framework"`
	Feature     string   `json:"feature"`
	Location    Location `json:"location"`
}
