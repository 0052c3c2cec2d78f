package python

import "github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"

// Kinds of nodes of tree-sitter-python. The operators stand together, from
// kindAdd on: halstead.go counts by them.
const (
	kindOther treesitter.Kind = iota

	kindModule
	kindBlock
	kindComment
	kindContinuation

	kindIf
	kindElif
	kindElse
	kindFor
	kindWhile
	kindTry
	kindExcept
	kindFinally
	kindWith
	kindMatch
	kindCase
	kindFunction
	kindClass
	kindDecorated
	kindDecorator

	kindImport
	kindImportFrom
	kindFuture
	kindAssert
	kindExpressionStatement
	kindReturn
	kindDelete
	kindRaise
	kindPass
	kindBreak
	kindContinue
	kindGlobal
	kindNonlocal
	kindPrint
	kindExec
	kindTypeAlias

	kindConditional
	kindBoolean
	kindBinary
	kindUnary
	kindNot
	kindComparison
	kindAssignment
	kindAugmented
	kindLambda
	kindNamed
	kindForIn
	kindIfClause
	kindCall
	kindArguments
	kindKeywordArgument
	kindAttribute
	kindParenthesized
	kindAwait
	kindSubscript
	kindList
	kindTuple
	kindSet
	kindDictionary
	kindPair

	kindIdentifier
	kindString
	kindConcatenated
	kindStringStart
	kindStringContent
	kindInterpolation
	kindInteger
	kindFloat
	kindTrue
	kindFalse
	kindNone
	kindEllipsis

	kindDottedName
	kindAliased
	kindRelative
	kindWildcard

	kindParameters
	kindLambdaParameters
	kindTypedParameter
	kindDefaultParameter
	kindTypedDefault
	kindListSplat
	kindDictionarySplat
	kindKeywordSeparator
	kindPositionalSeparator
	kindPatternList
	kindTuplePattern
	kindListPattern
	kindAsTarget
	kindAsPattern
	kindCasePattern
	kindKeywordPattern
	kindType
	kindUnion

	kindAnd
	kindOr
	kindNotOperator
	kindAdd
	kindSubtract
	kindMultiply
	kindMatrix
	kindDivide
	kindModulo
	kindFloor
	kindPower
	kindBitOr
	kindBitAnd
	kindBitXor
	kindLeft
	kindRight
	kindAddTo
	kindSubtractTo
	kindMultiplyTo
	kindMatrixTo
	kindDivideTo
	kindModuloTo
	kindFloorTo
	kindPowerTo
	kindBitOrTo
	kindBitAndTo
	kindBitXorTo
	kindLeftTo
	kindRightTo
	kindInvert
	kindLess
	kindLessEqual
	kindEqual
	kindNotEqual
	kindOldNotEqual
	kindGreaterEqual
	kindGreater
	kindIn
	kindNotIn
	kindIs
	kindIsNot
	kindEnd
)

var kinds = []string{
	kindModule:       "module",
	kindBlock:        "block",
	kindComment:      "comment",
	kindContinuation: "line_continuation",

	kindIf:        "if_statement",
	kindElif:      "elif_clause",
	kindElse:      "else_clause",
	kindFor:       "for_statement",
	kindWhile:     "while_statement",
	kindTry:       "try_statement",
	kindExcept:    "except_clause",
	kindFinally:   "finally_clause",
	kindWith:      "with_statement",
	kindMatch:     "match_statement",
	kindCase:      "case_clause",
	kindFunction:  "function_definition",
	kindClass:     "class_definition",
	kindDecorated: "decorated_definition",
	kindDecorator: "decorator",

	kindImport:              "import_statement",
	kindImportFrom:          "import_from_statement",
	kindFuture:              "future_import_statement",
	kindAssert:              "assert_statement",
	kindExpressionStatement: "expression_statement",
	kindReturn:              "return_statement",
	kindDelete:              "delete_statement",
	kindRaise:               "raise_statement",
	kindPass:                "pass_statement",
	kindBreak:               "break_statement",
	kindContinue:            "continue_statement",
	kindGlobal:              "global_statement",
	kindNonlocal:            "nonlocal_statement",
	kindPrint:               "print_statement",
	kindExec:                "exec_statement",
	kindTypeAlias:           "type_alias_statement",

	kindConditional:     "conditional_expression",
	kindBoolean:         "boolean_operator",
	kindBinary:          "binary_operator",
	kindUnary:           "unary_operator",
	kindNot:             "not_operator",
	kindComparison:      "comparison_operator",
	kindAssignment:      "assignment",
	kindAugmented:       "augmented_assignment",
	kindLambda:          "lambda",
	kindNamed:           "named_expression",
	kindForIn:           "for_in_clause",
	kindIfClause:        "if_clause",
	kindCall:            "call",
	kindArguments:       "argument_list",
	kindKeywordArgument: "keyword_argument",
	kindAttribute:       "attribute",
	kindParenthesized:   "parenthesized_expression",
	kindAwait:           "await",
	kindSubscript:       "subscript",
	kindList:            "list",
	kindTuple:           "tuple",
	kindSet:             "set",
	kindDictionary:      "dictionary",
	kindPair:            "pair",

	kindIdentifier:    "identifier",
	kindString:        "string",
	kindConcatenated:  "concatenated_string",
	kindStringStart:   "string_start",
	kindStringContent: "string_content",
	kindInterpolation: "interpolation",
	kindInteger:       "integer",
	kindFloat:         "float",
	kindTrue:          "true",
	kindFalse:         "false",
	kindNone:          "none",
	kindEllipsis:      "ellipsis",

	kindDottedName: "dotted_name",
	kindAliased:    "aliased_import",
	kindRelative:   "relative_import",
	kindWildcard:   "wildcard_import",

	kindParameters:          "parameters",
	kindLambdaParameters:    "lambda_parameters",
	kindTypedParameter:      "typed_parameter",
	kindDefaultParameter:    "default_parameter",
	kindTypedDefault:        "typed_default_parameter",
	kindListSplat:           "list_splat_pattern",
	kindDictionarySplat:     "dictionary_splat_pattern",
	kindKeywordSeparator:    "keyword_separator",
	kindPositionalSeparator: "positional_separator",
	kindPatternList:         "pattern_list",
	kindTuplePattern:        "tuple_pattern",
	kindListPattern:         "list_pattern",
	kindAsTarget:            "as_pattern_target",
	kindAsPattern:           "as_pattern",
	kindCasePattern:         "case_pattern",
	kindKeywordPattern:      "keyword_pattern",
	kindType:                "type",
	kindUnion:               "union_type",

	kindAnd:          `"and"`,
	kindOr:           `"or"`,
	kindNotOperator:  `"not"`,
	kindAdd:          `"+"`,
	kindSubtract:     `"-"`,
	kindMultiply:     `"*"`,
	kindMatrix:       `"@"`,
	kindDivide:       `"/"`,
	kindModulo:       `"%"`,
	kindFloor:        `"//"`,
	kindPower:        `"**"`,
	kindBitOr:        `"|"`,
	kindBitAnd:       `"&"`,
	kindBitXor:       `"^"`,
	kindLeft:         `"<<"`,
	kindRight:        `">>"`,
	kindAddTo:        `"+="`,
	kindSubtractTo:   `"-="`,
	kindMultiplyTo:   `"*="`,
	kindMatrixTo:     `"@="`,
	kindDivideTo:     `"/="`,
	kindModuloTo:     `"%="`,
	kindFloorTo:      `"//="`,
	kindPowerTo:      `"**="`,
	kindBitOrTo:      `"|="`,
	kindBitAndTo:     `"&="`,
	kindBitXorTo:     `"^="`,
	kindLeftTo:       `"<<="`,
	kindRightTo:      `">>="`,
	kindInvert:       `"~"`,
	kindLess:         `"<"`,
	kindLessEqual:    `"<="`,
	kindEqual:        `"=="`,
	kindNotEqual:     `"!="`,
	kindOldNotEqual:  `"<>"`,
	kindGreaterEqual: `">="`,
	kindGreater:      `">"`,
	kindIn:           `"in"`,
	kindNotIn:        `"not in"`,
	kindIs:           `"is"`,
	kindIsNot:        `"is not"`,
}

// Fields of nodes.
const (
	fieldNone treesitter.Field = iota
	fieldName
	fieldBody
	fieldLeft
	fieldRight
	fieldType
	fieldOperator
	fieldOperators
	fieldArgument
	fieldArguments
	fieldFunction
	fieldObject
	fieldAttribute
	fieldCondition
	fieldConsequence
	fieldModule
	fieldAlias
	fieldGuard
	fieldParameters
	fieldSuperclasses
	fieldValue
	fieldReturn
	fieldKey
)

var fields = []string{
	fieldName:         "name",
	fieldBody:         "body",
	fieldLeft:         "left",
	fieldRight:        "right",
	fieldType:         "type",
	fieldOperator:     "operator",
	fieldOperators:    "operators",
	fieldArgument:     "argument",
	fieldArguments:    "arguments",
	fieldFunction:     "function",
	fieldObject:       "object",
	fieldAttribute:    "attribute",
	fieldCondition:    "condition",
	fieldConsequence:  "consequence",
	fieldModule:       "module_name",
	fieldAlias:        "alias",
	fieldGuard:        "guard",
	fieldParameters:   "parameters",
	fieldSuperclasses: "superclasses",
	fieldValue:        "value",
	fieldReturn:       "return_type",
	fieldKey:          "key",
}

// statements are the kinds that are one logical line each: statements, and the
// headers of clauses.
var statements = table(kindIf, kindElif, kindElse, kindFor, kindWhile, kindTry, kindExcept, kindFinally, kindWith,
	kindMatch, kindCase, kindFunction, kindClass, kindDecorator, kindImport, kindImportFrom, kindFuture, kindAssert,
	kindExpressionStatement, kindReturn, kindDelete, kindRaise, kindPass, kindBreak, kindContinue, kindGlobal,
	kindNonlocal, kindPrint, kindExec, kindTypeAlias)

// table returns a set of kinds that is read by index.
func table(members ...treesitter.Kind) [kindEnd]bool {
	var set [kindEnd]bool
	for _, kind := range members {
		set[kind] = true
	}
	return set
}
