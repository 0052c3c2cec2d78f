package workflow

// Doing reports whether an item in a state, by its index, is being worked on:
// work on it has begun and has not ended.
func (c *Config) Doing(state int) bool { return c.doing(state) }

// Ended reports whether work on an item in a state, by its index, has ended.
func (c *Config) Ended(state int) bool { return state >= 0 && c.ended[state] }
