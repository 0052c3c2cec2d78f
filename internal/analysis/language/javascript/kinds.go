package javascript

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Kinds of nodes. Those of all grammars come first, then those of JSX, which
// the grammar of plain TypeScript lacks, those of both TypeScript grammars
// alone, and those of the JavaScript grammar alone.
const (
	kindOther treesitter.Kind = iota

	kindProgram
	kindHashBang
	kindComment

	kindExpressionStatement
	kindLexical
	kindVariable
	kindDeclarator
	kindIf
	kindElse
	kindFor
	kindForIn
	kindWhile
	kindDo
	kindSwitch
	kindCase
	kindDefault
	kindTry
	kindCatch
	kindReturn
	kindThrow
	kindBreak
	kindContinue
	kindWith
	kindDebugger
	kindBlock

	kindFunction
	kindGenerator
	kindFunctionExpression
	kindGeneratorExpression
	kindArrow
	kindMethod
	kindParameters
	kindClass
	kindClassExpression
	kindClassBody
	kindStaticBlock
	kindDecorator

	kindImport
	kindImportClause
	kindImportSpecifier
	kindNamedImports
	kindNamespaceImport
	kindExport
	kindExportClause
	kindExportSpecifier
	kindNamespaceExport
	kindImportCall

	kindTernary
	kindBinary
	kindUnary
	kindUpdate
	kindAssignment
	kindAugmented
	kindAssignmentPattern
	kindObjectAssignmentPattern
	kindOptionalChain
	kindCall
	kindNew
	kindArguments
	kindMember
	kindSubscript
	kindParenthesized
	kindObject
	kindPair
	kindAwait
	kindMeta
	kindArray
	kindTrue
	kindFalse
	kindNull
	kindUndefined
	kindHeritage

	kindObjectPattern
	kindArrayPattern
	kindPairPattern
	kindRestPattern

	kindIdentifier
	kindProperty
	kindPrivateProperty
	kindShorthand
	kindShorthandPattern
	kindStatementIdentifier
	kindComputed
	kindThis
	kindString
	kindTemplate
	kindSubstitution
	kindNumber
	kindRegex

	kindAnd
	kindOr
	kindCoalesce

	kindJSXExpression
	kindJSXOpening
	kindJSXClosing
	kindJSXSelfClosing

	kindAbstractClass
	kindInterface
	kindInterfaceBody
	kindTypeAlias
	kindEnum
	kindNamespace
	kindModule
	kindAmbient
	kindFunctionSignature
	kindMethodSignature
	kindAbstractMethod
	kindPropertySignature
	kindTypeField
	kindRequiredParameter
	kindOptionalParameter
	kindTypeParameter
	kindTypeIdentifier
	kindImportRequire
	kindImportAlias
	kindAccessibility
	kindAs
	kindSatisfies
	kindNonNull
	kindTypeKeyword
	kindOptionalCall
	kindTypeAnnotation
	kindTypeArguments
	kindTypeQuery
	kindObjectType
	kindExtends
	kindImplements
	kindExtendsTypes
	kindGenericType
	kindNestedType
	kindNestedIdentifier
	kindEnumAssignment
	kindReadonly

	kindField
	kindUsing

	kindEnd
)

// Where the kinds of some grammars begin.
const (
	firstJSX        = kindJSXExpression
	firstTypeScript = kindAbstractClass
	firstJavaScript = kindField
)

var kinds = []string{
	kindProgram:  "program",
	kindHashBang: "hash_bang_line",
	kindComment:  "comment",

	kindExpressionStatement: "expression_statement",
	kindLexical:             "lexical_declaration",
	kindVariable:            "variable_declaration",
	kindDeclarator:          "variable_declarator",
	kindIf:                  "if_statement",
	kindElse:                "else_clause",
	kindFor:                 "for_statement",
	kindForIn:               "for_in_statement",
	kindWhile:               "while_statement",
	kindDo:                  "do_statement",
	kindSwitch:              "switch_statement",
	kindCase:                "switch_case",
	kindDefault:             "switch_default",
	kindTry:                 "try_statement",
	kindCatch:               "catch_clause",
	kindReturn:              "return_statement",
	kindThrow:               "throw_statement",
	kindBreak:               "break_statement",
	kindContinue:            "continue_statement",
	kindWith:                "with_statement",
	kindDebugger:            "debugger_statement",
	kindBlock:               "statement_block",

	kindFunction:            "function_declaration",
	kindGenerator:           "generator_function_declaration",
	kindFunctionExpression:  "function_expression",
	kindGeneratorExpression: "generator_function",
	kindArrow:               "arrow_function",
	kindMethod:              "method_definition",
	kindParameters:          "formal_parameters",
	kindClass:               "class_declaration",
	kindClassExpression:     "class",
	kindClassBody:           "class_body",
	kindStaticBlock:         "class_static_block",
	kindDecorator:           "decorator",

	kindImport:          "import_statement",
	kindImportClause:    "import_clause",
	kindImportSpecifier: "import_specifier",
	kindNamedImports:    "named_imports",
	kindNamespaceImport: "namespace_import",
	kindExport:          "export_statement",
	kindExportClause:    "export_clause",
	kindExportSpecifier: "export_specifier",
	kindNamespaceExport: "namespace_export",
	kindImportCall:      "import",

	kindTernary:                 "ternary_expression",
	kindBinary:                  "binary_expression",
	kindUnary:                   "unary_expression",
	kindUpdate:                  "update_expression",
	kindAssignment:              "assignment_expression",
	kindAugmented:               "augmented_assignment_expression",
	kindAssignmentPattern:       "assignment_pattern",
	kindObjectAssignmentPattern: "object_assignment_pattern",
	kindOptionalChain:           "optional_chain",
	kindCall:                    "call_expression",
	kindNew:                     "new_expression",
	kindArguments:               "arguments",
	kindMember:                  "member_expression",
	kindSubscript:               "subscript_expression",
	kindParenthesized:           "parenthesized_expression",
	kindObject:                  "object",
	kindPair:                    "pair",
	kindAwait:                   "await_expression",
	kindArray:                   "array",
	kindTrue:                    "true",
	kindFalse:                   "false",
	kindNull:                    "null",
	kindUndefined:               "undefined",
	kindHeritage:                "class_heritage",
	kindMeta:                    "meta_property",

	kindObjectPattern: "object_pattern",
	kindArrayPattern:  "array_pattern",
	kindPairPattern:   "pair_pattern",
	kindRestPattern:   "rest_pattern",

	kindIdentifier:          "identifier",
	kindProperty:            "property_identifier",
	kindPrivateProperty:     "private_property_identifier",
	kindShorthand:           "shorthand_property_identifier",
	kindShorthandPattern:    "shorthand_property_identifier_pattern",
	kindStatementIdentifier: "statement_identifier",
	kindComputed:            "computed_property_name",
	kindThis:                "this",
	kindString:              "string",
	kindTemplate:            "template_string",
	kindSubstitution:        "template_substitution",
	kindNumber:              "number",
	kindRegex:               "regex",

	kindJSXExpression:  "jsx_expression",
	kindJSXOpening:     "jsx_opening_element",
	kindJSXClosing:     "jsx_closing_element",
	kindJSXSelfClosing: "jsx_self_closing_element",

	kindAnd:      `"&&"`,
	kindOr:       `"||"`,
	kindCoalesce: `"??"`,

	kindAbstractClass:     "abstract_class_declaration",
	kindInterface:         "interface_declaration",
	kindInterfaceBody:     "interface_body",
	kindTypeAlias:         "type_alias_declaration",
	kindEnum:              "enum_declaration",
	kindNamespace:         "internal_module",
	kindModule:            "module",
	kindAmbient:           "ambient_declaration",
	kindFunctionSignature: "function_signature",
	kindMethodSignature:   "method_signature",
	kindAbstractMethod:    "abstract_method_signature",
	kindPropertySignature: "property_signature",
	kindTypeField:         "public_field_definition",
	kindRequiredParameter: "required_parameter",
	kindOptionalParameter: "optional_parameter",
	kindTypeParameter:     "type_parameter",
	kindTypeIdentifier:    "type_identifier",
	kindImportRequire:     "import_require_clause",
	kindImportAlias:       "import_alias",
	kindAccessibility:     "accessibility_modifier",
	kindAs:                "as_expression",
	kindSatisfies:         "satisfies_expression",
	kindNonNull:           "non_null_expression",
	kindTypeKeyword:       `"type"`,
	kindOptionalCall:      `"?."`,
	kindTypeAnnotation:    "type_annotation",
	kindTypeArguments:     "type_arguments",
	kindTypeQuery:         "type_query",
	kindObjectType:        "object_type",
	kindExtends:           "extends_clause",
	kindImplements:        "implements_clause",
	kindExtendsTypes:      "extends_type_clause",
	kindGenericType:       "generic_type",
	kindNestedType:        "nested_type_identifier",
	kindNestedIdentifier:  "nested_identifier",
	kindEnumAssignment:    "enum_assignment",
	kindReadonly:          `"readonly"`,

	kindField: "field_definition",
	kindUsing: "using_declaration",
}

// Fields of nodes.
const (
	fieldNone treesitter.Field = iota
	fieldAlias
	fieldAlternative
	fieldArgument
	fieldArguments
	fieldBody
	fieldConsequence
	fieldConstructor
	fieldDeclaration
	fieldFunction
	fieldKey
	fieldLeft
	fieldName
	fieldObject
	fieldOperator
	fieldParameter
	fieldParameters
	fieldPattern
	fieldProperty
	fieldReturn
	fieldRight
	fieldSource
	fieldType
	fieldValue
)

var fields = []string{
	fieldAlias:       "alias",
	fieldAlternative: "alternative",
	fieldArgument:    "argument",
	fieldArguments:   "arguments",
	fieldBody:        "body",
	fieldConsequence: "consequence",
	fieldConstructor: "constructor",
	fieldDeclaration: "declaration",
	fieldFunction:    "function",
	fieldKey:         "key",
	fieldLeft:        "left",
	fieldName:        "name",
	fieldObject:      "object",
	fieldOperator:    "operator",
	fieldParameter:   "parameter",
	fieldParameters:  "parameters",
	fieldPattern:     "pattern",
	fieldProperty:    "property",
	fieldReturn:      "return_type",
	fieldRight:       "right",
	fieldSource:      "source",
	fieldType:        "type",
	fieldValue:       "value",
}

// without returns names with those from first up to end taken out, which the
// grammar does not have.
func without(names []string, first, end treesitter.Kind) []string {
	names = slices.Clone(names)
	clear(names[first:end])
	return names
}

// withoutTypes returns names without those of fields that only TypeScript has.
func withoutTypes(names []string) []string {
	names = slices.Clone(names)
	names[fieldType], names[fieldReturn] = "", ""
	return names
}

// statements are the kinds that are one logical line each: statements and
// declarations, also those of members and types.
var statements = table(kindExpressionStatement, kindLexical, kindVariable, kindUsing, kindIf, kindFor, kindForIn,
	kindWhile, kindDo, kindSwitch, kindTry, kindReturn, kindThrow, kindBreak, kindContinue, kindWith, kindDebugger,
	kindFunction, kindGenerator, kindMethod, kindClass, kindAbstractClass, kindImport, kindInterface, kindTypeAlias,
	kindEnum, kindNamespace, kindModule, kindFunctionSignature, kindMethodSignature, kindAbstractMethod,
	kindPropertySignature, kindTypeField, kindField, kindImportAlias)

// table returns a set of kinds that is read by index.
func table(members ...treesitter.Kind) [kindEnd]bool {
	var set [kindEnd]bool
	for _, kind := range members {
		set[kind] = true
	}
	return set
}
