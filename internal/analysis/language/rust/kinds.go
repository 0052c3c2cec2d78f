package rust

import "github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"

// Kinds of nodes of tree-sitter-rust.
const (
	kindOther treesitter.Kind = iota

	kindFile
	kindLineComment
	kindBlockComment
	kindAttribute
	kindInnerAttribute
	kindAttributeBody

	kindFunction
	kindSignature
	kindStruct
	kindUnion
	kindEnum
	kindVariant
	kindField
	kindTrait
	kindImpl
	kindTypeAlias
	kindAssociatedType
	kindConst
	kindStatic
	kindMacroDefinition
	kindModule
	kindUse
	kindExternCrate
	kindForeign
	kindVisibility
	kindTraitBounds
	kindTypeParameter
	kindConstParameter
	kindParameters
	kindParameter
	kindDeclarationList

	kindUseList
	kindScopedUseList
	kindUseAs
	kindUseWildcard

	kindBlock
	kindIf
	kindElse
	kindWhile
	kindFor
	kindLoop
	kindMatch
	kindMatchBlock
	kindArm
	kindMatchPattern
	kindLet
	kindLetCondition
	kindLetChain
	kindClosure
	kindClosureParameters
	kindBreak
	kindContinue
	kindReturn
	kindLabel
	kindExpressionStatement
	kindBinary
	kindParenthesized
	kindCall
	kindGenericFunction
	kindArguments
	kindFieldExpression
	kindMacroCall
	kindTokens
	kindReference
	kindTry
	kindAwait
	kindArray
	kindTuple
	kindStructExpression
	kindFieldInitializer
	kindUnary

	kindTuplePattern
	kindTupleStructPattern
	kindRefPattern
	kindReferencePattern
	kindMutPattern
	kindSlicePattern
	kindOrPattern
	kindCapturedPattern
	kindFieldPattern
	kindShorthandField

	kindIdentifier
	kindTypeIdentifier
	kindFieldIdentifier
	kindScoped
	kindScopedType
	kindGenericType
	kindReferenceType
	kindPrimitive
	kindSelf
	kindSuper
	kindCrate
	kindLifetime

	kindString
	kindRawString
	kindStringContent
	kindChar
	kindInteger
	kindFloat
	kindBoolean

	kindAnd
	kindOr
	kindComma
	kindAssign
	kindEnd
)

var kinds = []string{
	kindFile:           "source_file",
	kindLineComment:    "line_comment",
	kindBlockComment:   "block_comment",
	kindAttribute:      "attribute_item",
	kindInnerAttribute: "inner_attribute_item",
	kindAttributeBody:  "attribute",

	kindFunction:        "function_item",
	kindSignature:       "function_signature_item",
	kindStruct:          "struct_item",
	kindUnion:           "union_item",
	kindEnum:            "enum_item",
	kindVariant:         "enum_variant",
	kindField:           "field_declaration",
	kindTrait:           "trait_item",
	kindImpl:            "impl_item",
	kindTypeAlias:       "type_item",
	kindAssociatedType:  "associated_type",
	kindConst:           "const_item",
	kindStatic:          "static_item",
	kindMacroDefinition: "macro_definition",
	kindModule:          "mod_item",
	kindUse:             "use_declaration",
	kindExternCrate:     "extern_crate_declaration",
	kindForeign:         "foreign_mod_item",
	kindVisibility:      "visibility_modifier",
	kindTraitBounds:     "trait_bounds",
	kindTypeParameter:   "type_parameter",
	kindConstParameter:  "const_parameter",
	kindParameters:      "parameters",
	kindParameter:       "parameter",
	kindDeclarationList: "declaration_list",

	kindUseList:       "use_list",
	kindScopedUseList: "scoped_use_list",
	kindUseAs:         "use_as_clause",
	kindUseWildcard:   "use_wildcard",

	kindBlock:               "block",
	kindIf:                  "if_expression",
	kindElse:                "else_clause",
	kindWhile:               "while_expression",
	kindFor:                 "for_expression",
	kindLoop:                "loop_expression",
	kindMatch:               "match_expression",
	kindMatchBlock:          "match_block",
	kindArm:                 "match_arm",
	kindMatchPattern:        "match_pattern",
	kindLet:                 "let_declaration",
	kindLetCondition:        "let_condition",
	kindLetChain:            "let_chain",
	kindClosure:             "closure_expression",
	kindClosureParameters:   "closure_parameters",
	kindBreak:               "break_expression",
	kindContinue:            "continue_expression",
	kindReturn:              "return_expression",
	kindLabel:               "label",
	kindExpressionStatement: "expression_statement",
	kindBinary:              "binary_expression",
	kindParenthesized:       "parenthesized_expression",
	kindCall:                "call_expression",
	kindGenericFunction:     "generic_function",
	kindArguments:           "arguments",
	kindFieldExpression:     "field_expression",
	kindMacroCall:           "macro_invocation",
	kindTokens:              "token_tree",
	kindReference:           "reference_expression",
	kindTry:                 "try_expression",
	kindAwait:               "await_expression",
	kindArray:               "array_expression",
	kindTuple:               "tuple_expression",
	kindStructExpression:    "struct_expression",
	kindFieldInitializer:    "field_initializer",
	kindUnary:               "unary_expression",

	kindTuplePattern:       "tuple_pattern",
	kindTupleStructPattern: "tuple_struct_pattern",
	kindRefPattern:         "ref_pattern",
	kindReferencePattern:   "reference_pattern",
	kindMutPattern:         "mut_pattern",
	kindSlicePattern:       "slice_pattern",
	kindOrPattern:          "or_pattern",
	kindCapturedPattern:    "captured_pattern",
	kindFieldPattern:       "field_pattern",
	kindShorthandField:     "shorthand_field_identifier",

	kindIdentifier:      "identifier",
	kindTypeIdentifier:  "type_identifier",
	kindFieldIdentifier: "field_identifier",
	kindScoped:          "scoped_identifier",
	kindScopedType:      "scoped_type_identifier",
	kindGenericType:     "generic_type",
	kindReferenceType:   "reference_type",
	kindPrimitive:       "primitive_type",
	kindSelf:            "self",
	kindSuper:           "super",
	kindCrate:           "crate",
	kindLifetime:        "lifetime",

	kindString:        "string_literal",
	kindRawString:     "raw_string_literal",
	kindStringContent: "string_content",
	kindChar:          "char_literal",
	kindInteger:       "integer_literal",
	kindFloat:         "float_literal",
	kindBoolean:       "boolean_literal",

	kindAnd:    `"&&"`,
	kindOr:     `"||"`,
	kindComma:  `","`,
	kindAssign: `"="`,
}

// Fields of nodes.
const (
	fieldNone treesitter.Field = iota
	fieldName
	fieldBody
	fieldType
	fieldTrait
	fieldPath
	fieldList
	fieldAlias
	fieldArgument
	fieldParameters
	fieldReturnType
	fieldBounds
	fieldCondition
	fieldConsequence
	fieldAlternative
	fieldOperator
	fieldFunction
	fieldArguments
	fieldValue
	fieldField
	fieldMacro
	fieldPattern
)

var fields = []string{
	fieldName:        "name",
	fieldBody:        "body",
	fieldType:        "type",
	fieldTrait:       "trait",
	fieldPath:        "path",
	fieldList:        "list",
	fieldAlias:       "alias",
	fieldArgument:    "argument",
	fieldParameters:  "parameters",
	fieldReturnType:  "return_type",
	fieldBounds:      "bounds",
	fieldCondition:   "condition",
	fieldConsequence: "consequence",
	fieldAlternative: "alternative",
	fieldOperator:    "operator",
	fieldFunction:    "function",
	fieldArguments:   "arguments",
	fieldValue:       "value",
	fieldField:       "field",
	fieldMacro:       "macro",
	fieldPattern:     "pattern",
}

// statements are the kinds that are one logical line each: statements, items
// and the arms of a match.
var statements = table(kindFunction, kindSignature, kindStruct, kindUnion, kindEnum, kindTrait, kindImpl, kindTypeAlias, kindAssociatedType,
	kindConst, kindStatic, kindMacroDefinition, kindModule, kindUse, kindExternCrate, kindField, kindVariant,
	kindLet, kindExpressionStatement, kindArm)

// table returns a set of kinds that is read by index.
func table(members ...treesitter.Kind) [kindEnd]bool {
	var set [kindEnd]bool
	for _, kind := range members {
		set[kind] = true
	}
	return set
}
