package assistant

import "testing"

// TestWholeIntent tells questions about the project as a whole from those about
// something in it.
func TestWholeIntent(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]intent{
		"What is this project?":                           asksAbout,
		"what does this repository do":                    asksAbout,
		"What is it?":                                     asksAbout,
		"Give me an overview of the code base, please.":   asksAbout,
		"Can you explain the project?":                    asksAbout,
		"What does the parser do?":                        "",
		"What is this project's retry policy?":            "",
		"Where do I start?":                               asksStart,
		"Where should I start reading the code?":          asksStart,
		"What should I read first?":                       asksStart,
		"Where does the server start?":                    "",
		"Where do I start the server?":                    "",
		"What are the main components?":                   asksParts,
		"How is the code organised?":                      asksParts,
		"Describe the architecture":                       asksParts,
		"How is the cache organised?":                     "",
		"Which libraries does it use?":                    asksMade,
		"Which licence is it under?":                      asksTerms,
		"What is the license?":                            asksTerms,
		"What license does the project use?":              asksTerms,
		"Where is the licence header checked?":            "",
		"What HTTP endpoints are there?":                  asksOffer,
		"Which routes does it have?":                      asksOffer,
		"Which endpoints need a token?":                   "",
		"Which gems does it use?":                         asksMade,
		"Which packages are used?":                        asksMade,
		"Which packages import the cache?":                "",
		"What frameworks are used here?":                  asksMade,
		"What is the project written in?":                 asksMade,
		"Which library parses the configuration?":         "",
		"What version of Python is required?":             asksNeeds,
		"Which Go version does it need?":                  asksNeeds,
		"What are the requirements?":                      asksNeeds,
		"What do I need to build it?":                     asksNeeds,
		"What do I need to change to add a new endpoint?": "",
		"Which version of the schema is stored?":          "",
	} {
		if got := wholeIntent(question); got != want {
			t.Errorf("%q asks %q, not %q", question, got, want)
		}
	}
}
