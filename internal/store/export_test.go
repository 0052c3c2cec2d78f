package store

// HeldColumns are the columns that an erasure walks as a list, by their tables.
func HeldColumns() map[string][]string {
	columns := map[string][]string{}
	for i := range holdings {
		for _, c := range holdings[i].columns {
			columns[holdings[i].table] = append(columns[holdings[i].table], c.name)
		}
	}
	return columns
}
