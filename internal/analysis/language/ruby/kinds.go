package ruby

import "github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"

// Kinds of nodes of tree-sitter-ruby.
const (
	kindOther treesitter.Kind = iota
	kindProgram
	kindComment
	kindClass
	kindModule
	kindSingletonClass
	kindSuperclass
	kindBodyStatement
	kindMethod
	kindSingletonMethod
	kindMethodParameters
	kindSetter
	kindOperator
	kindBlockParameters
	kindLambdaParameters
	kindOptionalParameter
	kindKeywordParameter
	kindSplatParameter
	kindHashSplatParameter
	kindBlockParameter
	kindDestructuredParameter
	kindCall
	kindArgumentList
	kindBlock
	kindDoBlock
	kindBlockBody
	kindBlockArgument
	kindLambda
	kindElementReference
	kindAssignment
	kindOperatorAssignment
	kindLeftAssignmentList
	kindDestructuredLeftAssignment
	kindRestAssignment
	kindExceptionVariable
	kindIf
	kindUnless
	kindElsif
	kindElse
	kindThen
	kindIfModifier
	kindUnlessModifier
	kindConditional
	kindWhile
	kindUntil
	kindWhileModifier
	kindUntilModifier
	kindFor
	kindDo
	kindCase
	kindCaseMatch
	kindWhen
	kindInClause
	kindIn
	kindBegin
	kindRescue
	kindExceptions
	kindEnsure
	kindRescueModifier
	kindParenthesizedStatements
	kindBeginBlock
	kindEndBlock
	kindEmptyStatement
	kindBinary
	kindUnary
	kindReturn
	kindYield
	kindArrayPattern
	kindFindPattern
	kindHashPattern
	kindKeywordPattern
	kindAsPattern
	kindAlternativePattern
	kindMatchPattern
	kindTestPattern
	kindIdentifier
	kindConstant
	kindScopeResolution
	kindSelf
	kindSuper
	kindInstanceVariable
	kindClassVariable
	kindGlobalVariable
	kindString
	kindStringContent
	kindInterpolation
	kindSimpleSymbol
	kindDelimitedSymbol
	kindBareSymbol
	kindBareString
	kindSymbolArray
	kindStringArray
	kindHashKeySymbol
	kindChainedString
	kindArray
	kindHash
	kindPair
	kindInteger
	kindFloat
	kindTrue
	kindFalse
	kindNil
	kindRegex
	kindHeredocBeginning
	kindHeredocBody
	kindFile
	kindAlias
	kindUndef
	kindUninterpreted
	kindSplatArgument
	kindHashSplatArgument
	kindAndAnd
	kindOrOr
	kindAndWord
	kindOrWord
	kindSafe
	kindOrAssign
	kindAndAssign
	kindBang
	kindNotWord
	kindEnd
)

var kinds = []string{
	kindProgram:                    "program",
	kindComment:                    "comment",
	kindClass:                      "class",
	kindModule:                     "module",
	kindSingletonClass:             "singleton_class",
	kindSuperclass:                 "superclass",
	kindBodyStatement:              "body_statement",
	kindMethod:                     "method",
	kindSingletonMethod:            "singleton_method",
	kindMethodParameters:           "method_parameters",
	kindSetter:                     "setter",
	kindOperator:                   "operator",
	kindBlockParameters:            "block_parameters",
	kindLambdaParameters:           "lambda_parameters",
	kindOptionalParameter:          "optional_parameter",
	kindKeywordParameter:           "keyword_parameter",
	kindSplatParameter:             "splat_parameter",
	kindHashSplatParameter:         "hash_splat_parameter",
	kindBlockParameter:             "block_parameter",
	kindDestructuredParameter:      "destructured_parameter",
	kindCall:                       "call",
	kindArgumentList:               "argument_list",
	kindBlock:                      "block",
	kindDoBlock:                    "do_block",
	kindBlockBody:                  "block_body",
	kindBlockArgument:              "block_argument",
	kindLambda:                     "lambda",
	kindElementReference:           "element_reference",
	kindAssignment:                 "assignment",
	kindOperatorAssignment:         "operator_assignment",
	kindLeftAssignmentList:         "left_assignment_list",
	kindDestructuredLeftAssignment: "destructured_left_assignment",
	kindRestAssignment:             "rest_assignment",
	kindExceptionVariable:          "exception_variable",
	kindIf:                         "if",
	kindUnless:                     "unless",
	kindElsif:                      "elsif",
	kindElse:                       "else",
	kindThen:                       "then",
	kindIfModifier:                 "if_modifier",
	kindUnlessModifier:             "unless_modifier",
	kindConditional:                "conditional",
	kindWhile:                      "while",
	kindUntil:                      "until",
	kindWhileModifier:              "while_modifier",
	kindUntilModifier:              "until_modifier",
	kindFor:                        "for",
	kindDo:                         "do",
	kindCase:                       "case",
	kindCaseMatch:                  "case_match",
	kindWhen:                       "when",
	kindInClause:                   "in_clause",
	kindIn:                         "in",
	kindBegin:                      "begin",
	kindRescue:                     "rescue",
	kindExceptions:                 "exceptions",
	kindEnsure:                     "ensure",
	kindRescueModifier:             "rescue_modifier",
	kindParenthesizedStatements:    "parenthesized_statements",
	kindBeginBlock:                 "begin_block",
	kindEndBlock:                   "end_block",
	kindEmptyStatement:             "empty_statement",
	kindBinary:                     "binary",
	kindUnary:                      "unary",
	kindReturn:                     "return",
	kindYield:                      "yield",
	kindArrayPattern:               "array_pattern",
	kindFindPattern:                "find_pattern",
	kindHashPattern:                "hash_pattern",
	kindKeywordPattern:             "keyword_pattern",
	kindAsPattern:                  "as_pattern",
	kindAlternativePattern:         "alternative_pattern",
	kindMatchPattern:               "match_pattern",
	kindTestPattern:                "test_pattern",
	kindIdentifier:                 "identifier",
	kindConstant:                   "constant",
	kindScopeResolution:            "scope_resolution",
	kindSelf:                       "self",
	kindSuper:                      "super",
	kindInstanceVariable:           "instance_variable",
	kindClassVariable:              "class_variable",
	kindGlobalVariable:             "global_variable",
	kindString:                     "string",
	kindStringContent:              "string_content",
	kindInterpolation:              "interpolation",
	kindSimpleSymbol:               "simple_symbol",
	kindDelimitedSymbol:            "delimited_symbol",
	kindBareSymbol:                 "bare_symbol",
	kindBareString:                 "bare_string",
	kindSymbolArray:                "symbol_array",
	kindStringArray:                "string_array",
	kindHashKeySymbol:              "hash_key_symbol",
	kindChainedString:              "chained_string",
	kindArray:                      "array",
	kindHash:                       "hash",
	kindPair:                       "pair",
	kindInteger:                    "integer",
	kindFloat:                      "float",
	kindTrue:                       "true",
	kindFalse:                      "false",
	kindNil:                        "nil",
	kindRegex:                      "regex",
	kindHeredocBeginning:           "heredoc_beginning",
	kindHeredocBody:                "heredoc_body",
	kindFile:                       "file",
	kindAlias:                      "alias",
	kindUndef:                      "undef",
	kindUninterpreted:              "uninterpreted",
	kindSplatArgument:              "splat_argument",
	kindHashSplatArgument:          "hash_splat_argument",
	kindAndAnd:                     `"&&"`,
	kindOrOr:                       `"||"`,
	kindAndWord:                    `"and"`,
	kindOrWord:                     `"or"`,
	kindSafe:                       `"&."`,
	kindOrAssign:                   `"||="`,
	kindAndAssign:                  `"&&="`,
	kindBang:                       `"!"`,
	kindNotWord:                    `"not"`,
}

// Fields of nodes.
const (
	fieldNone treesitter.Field = iota
	fieldName
	fieldBody
	fieldParameters
	fieldMethod
	fieldReceiver
	fieldArguments
	fieldBlock
	fieldOperator
	fieldLeft
	fieldRight
	fieldCondition
	fieldConsequence
	fieldAlternative
	fieldObject
	fieldValue
	fieldKey
	fieldScope
	fieldSuperclass
	fieldPattern
	fieldHandler
)

var fields = []string{
	fieldName:        "name",
	fieldBody:        "body",
	fieldParameters:  "parameters",
	fieldMethod:      "method",
	fieldReceiver:    "receiver",
	fieldArguments:   "arguments",
	fieldBlock:       "block",
	fieldOperator:    "operator",
	fieldLeft:        "left",
	fieldRight:       "right",
	fieldCondition:   "condition",
	fieldConsequence: "consequence",
	fieldAlternative: "alternative",
	fieldObject:      "object",
	fieldValue:       "value",
	fieldKey:         "key",
	fieldScope:       "scope",
	fieldSuperclass:  "superclass",
	fieldPattern:     "pattern",
	fieldHandler:     "handler",
}
