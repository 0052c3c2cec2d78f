package kotlin

import "github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"

// Kinds of nodes of tree-sitter-kotlin.
const (
	kindOther treesitter.Kind = iota

	kindFile
	kindLineComment
	kindBlockComment
	kindPackage
	kindImport
	kindQualifiedIdentifier
	kindFileAnnotation

	kindClass
	kindObject
	kindCompanion
	kindTypeAlias
	kindClassBody
	kindEnumBody
	kindEnumEntry
	kindPrimaryConstructor
	kindClassParameters
	kindClassParameter
	kindDelegations
	kindDelegation
	kindConstructorInvocation
	kindExplicitDelegation
	kindObjectLiteral

	kindFunction
	kindSecondaryConstructor
	kindInitializer
	kindProperty
	kindGetter
	kindSetter
	kindPropertyDelegate
	kindFunctionBody
	kindParameters
	kindParameter
	kindParameterModifiers
	kindVariable
	kindMultiVariable
	kindTypeParameter
	kindTypeParameters
	kindModifiers
	kindVisibility
	kindPropertyModifier
	kindAnnotation
	kindUseSite

	kindBlock
	kindIf
	kindFor
	kindWhile
	kindDo
	kindWhen
	kindWhenEntry
	kindWhenSubject
	kindCatch
	kindReturn
	kindLabeled
	kindLabel
	kindAssignment

	kindBinary
	kindUnary
	kindInfix
	kindAs
	kindParenthesized
	kindCall
	kindNavigation
	kindIndex
	kindCallableReference
	kindArguments
	kindArgument
	kindAnnotatedLambda
	kindLambda
	kindLambdaParameters
	kindAnonymousFunction
	kindThis
	kindSuper
	kindCollection
	kindAnnotatedExpression

	kindIdentifier
	kindUserType
	kindNullableType
	kindFunctionType
	kindTypeArguments
	kindParenthesizedType

	kindString
	kindMultilineString
	kindInterpolation
	kindNumber
	kindFloat
	kindCharacter

	kindAnd
	kindOr
	kindPlus
	kindElse
	kindInterface
	kindVal
	kindVar
	kindEnd
)

var kinds = []string{
	kindFile:                "source_file",
	kindLineComment:         "line_comment",
	kindBlockComment:        "block_comment",
	kindPackage:             "package_header",
	kindImport:              "import",
	kindQualifiedIdentifier: "qualified_identifier",
	kindFileAnnotation:      "file_annotation",

	kindClass:                 "class_declaration",
	kindObject:                "object_declaration",
	kindCompanion:             "companion_object",
	kindTypeAlias:             "type_alias",
	kindClassBody:             "class_body",
	kindEnumBody:              "enum_class_body",
	kindEnumEntry:             "enum_entry",
	kindPrimaryConstructor:    "primary_constructor",
	kindClassParameters:       "class_parameters",
	kindClassParameter:        "class_parameter",
	kindDelegations:           "delegation_specifiers",
	kindDelegation:            "delegation_specifier",
	kindConstructorInvocation: "constructor_invocation",
	kindExplicitDelegation:    "explicit_delegation",
	kindObjectLiteral:         "object_literal",

	kindFunction:             "function_declaration",
	kindSecondaryConstructor: "secondary_constructor",
	kindInitializer:          "anonymous_initializer",
	kindProperty:             "property_declaration",
	kindGetter:               "getter",
	kindSetter:               "setter",
	kindPropertyDelegate:     "property_delegate",
	kindFunctionBody:         "function_body",
	kindParameters:           "function_value_parameters",
	kindParameter:            "parameter",
	kindParameterModifiers:   "parameter_modifiers",
	kindVariable:             "variable_declaration",
	kindMultiVariable:        "multi_variable_declaration",
	kindTypeParameter:        "type_parameter",
	kindTypeParameters:       "type_parameters",
	kindModifiers:            "modifiers",
	kindVisibility:           "visibility_modifier",
	kindPropertyModifier:     "property_modifier",
	kindAnnotation:           "annotation",
	kindUseSite:              "use_site_target",

	kindBlock:       "block",
	kindIf:          "if_expression",
	kindFor:         "for_statement",
	kindWhile:       "while_statement",
	kindDo:          "do_while_statement",
	kindWhen:        "when_expression",
	kindWhenEntry:   "when_entry",
	kindWhenSubject: "when_subject",
	kindCatch:       "catch_block",
	kindReturn:      "return_expression",
	kindLabeled:     "labeled_expression",
	kindLabel:       "label",
	kindAssignment:  "assignment",

	kindBinary:              "binary_expression",
	kindUnary:               "unary_expression",
	kindInfix:               "infix_expression",
	kindAs:                  "as_expression",
	kindParenthesized:       "parenthesized_expression",
	kindCall:                "call_expression",
	kindNavigation:          "navigation_expression",
	kindIndex:               "index_expression",
	kindCallableReference:   "callable_reference",
	kindArguments:           "value_arguments",
	kindArgument:            "value_argument",
	kindAnnotatedLambda:     "annotated_lambda",
	kindLambda:              "lambda_literal",
	kindLambdaParameters:    "lambda_parameters",
	kindAnonymousFunction:   "anonymous_function",
	kindThis:                "this_expression",
	kindSuper:               "super_expression",
	kindCollection:          "collection_literal",
	kindAnnotatedExpression: "annotated_expression",

	kindIdentifier:        "identifier",
	kindUserType:          "user_type",
	kindNullableType:      "nullable_type",
	kindFunctionType:      "function_type",
	kindTypeArguments:     "type_arguments",
	kindParenthesizedType: "parenthesized_type",

	kindString:          "string_literal",
	kindMultilineString: "multiline_string_literal",
	kindInterpolation:   "interpolation",
	kindNumber:          "number_literal",
	kindFloat:           "float_literal",
	kindCharacter:       "character_literal",

	kindAnd:       `"&&"`,
	kindOr:        `"||"`,
	kindPlus:      `"+"`,
	kindElse:      `"else"`,
	kindInterface: `"interface"`,
	kindVal:       `"val"`,
	kindVar:       `"var"`,
}

// Fields of nodes of tree-sitter-kotlin.
const (
	fieldNone treesitter.Field = iota
	fieldName
	fieldType
	fieldCondition
	fieldLeft
	fieldRight
	fieldOperator
	fieldLabel
)

var fields = []string{
	fieldName:      "name",
	fieldType:      "type",
	fieldCondition: "condition",
	fieldLeft:      "left",
	fieldRight:     "right",
	fieldOperator:  "operator",
	fieldLabel:     "label",
}

// holders are the kinds whose parts are logical lines, each by itself.
var holders = table(kindFile, kindBlock, kindLambda, kindClassBody, kindEnumBody)

// parts are the kinds that are no logical line where they stand in a holder.
var parts = table(kindLineComment, kindBlockComment, kindLambdaParameters, kindEnumEntry, kindFileAnnotation)

// table returns a set of kinds that is read by index.
func table(members ...treesitter.Kind) [kindEnd]bool {
	var set [kindEnd]bool
	for _, kind := range members {
		set[kind] = true
	}
	return set
}
