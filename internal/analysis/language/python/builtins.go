package python

import "strings"

// builtins are the functions, types and values that every file has without an
// import, and the keywords, which come as names in broken source. A bare use
// of one says nothing about another file.
var builtins = set(`
	and as assert async await break class continue def del elif else except finally for from global if import in is
	lambda nonlocal not or pass raise return try while with yield
	abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex
	delattr dict dir divmod enumerate eval exec filter float format frozenset getattr globals hasattr hash help hex
	id input int isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print
	property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip
	__import__ __name__ __file__ __doc__ __path__ __package__ __class__ __debug__ __builtins__ __spec__ self cls
	NotImplemented Ellipsis None True False basestring unicode xrange raw_input long unichr reduce
	BaseException BaseExceptionGroup Exception ExceptionGroup GeneratorExit KeyboardInterrupt SystemExit
	ArithmeticError AssertionError AttributeError BlockingIOError BrokenPipeError BufferError ChildProcessError
	ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError EOFError EnvironmentError
	FileExistsError FileNotFoundError FloatingPointError IOError ImportError IndentationError IndexError
	InterruptedError IsADirectoryError KeyError LookupError MemoryError ModuleNotFoundError NameError
	NotADirectoryError NotImplementedError OSError OverflowError PermissionError ProcessLookupError RecursionError
	ReferenceError RuntimeError StopAsyncIteration StopIteration SyntaxError SystemError TabError TimeoutError
	TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError ValueError
	ZeroDivisionError BytesWarning DeprecationWarning EncodingWarning FutureWarning ImportWarning
	PendingDeprecationWarning ResourceWarning RuntimeWarning SyntaxWarning UnicodeWarning UserWarning Warning`)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}
