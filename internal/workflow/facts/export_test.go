package facts

// Sealed returns a pack with a body of any bytes, and Body the body of a pack.
func Sealed(kind Kind, body []byte) []byte { return (&writer{data: body}).sealed(kind) }

func Body(pack []byte) []byte { return pack[packHead:] }
