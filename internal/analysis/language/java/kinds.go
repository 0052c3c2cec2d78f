package java

import "github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"

// Kinds of nodes of tree-sitter-java.
const (
	kindOther treesitter.Kind = iota

	kindProgram
	kindLineComment
	kindBlockComment
	kindPackage
	kindImport
	kindAsterisk
	kindModule
	kindRequires
	kindRequiresModifier
	kindExports
	kindOpens

	kindClass
	kindInterface
	kindEnum
	kindRecord
	kindAnnotationType
	kindClassBody
	kindEnumBody
	kindEnumBodyDeclarations
	kindInterfaceBody
	kindEnumConstant
	kindSuperclass

	kindMethod
	kindConstructor
	kindCompactConstructor
	kindAnnotationElement
	kindStaticInitializer
	kindField
	kindConstantDeclaration
	kindDeclarator
	kindModifiers
	kindMarker
	kindAnnotation
	kindElementPair

	kindFormalParameters
	kindFormalParameter
	kindSpreadParameter
	kindInferredParameters
	kindCatchParameter
	kindResource
	kindTypeParameter

	kindBlock
	kindIf
	kindFor
	kindForEach
	kindWhile
	kindDo
	kindSwitch
	kindSwitchLabel
	kindTry
	kindTryResources
	kindCatch
	kindFinally
	kindSynchronized
	kindLabeled
	kindBreak
	kindContinue
	kindReturn
	kindThrow
	kindYield
	kindAssert
	kindExpressionStatement
	kindLocalVariable
	kindConstructorCall

	kindLambda
	kindTernary
	kindBinary
	kindParenthesized
	kindInvocation
	kindCreation
	kindReference
	kindFieldAccess
	kindArguments
	kindInstanceof
	kindTypePattern
	kindRecordComponent
	kindThis

	kindString
	kindCharacter
	kindInteger
	kindHex
	kindFloat
	kindTrue
	kindFalse
	kindNull
	kindClassLiteral
	kindValueArray
	kindArrayInitializer
	kindArrayCreation
	kindCast
	kindAssignment
	kindSuper
	kindPlus
	kindInterfaces
	kindExtends
	kindTypeList
	kindGenericType
	kindTypeArguments

	kindIdentifier
	kindTypeIdentifier
	kindScopedIdentifier
	kindScopedType
	kindArrayType
	kindVoid

	kindCase
	kindAnd
	kindOr
	kindPublic
	kindPrivate
	kindStatic
	kindFinal
	kindEnd
)

var kinds = []string{
	kindProgram:          "program",
	kindLineComment:      "line_comment",
	kindBlockComment:     "block_comment",
	kindPackage:          "package_declaration",
	kindImport:           "import_declaration",
	kindAsterisk:         "asterisk",
	kindModule:           "module_declaration",
	kindRequires:         "requires_module_directive",
	kindRequiresModifier: "requires_modifier",
	kindExports:          "exports_module_directive",
	kindOpens:            "opens_module_directive",

	kindClass:                "class_declaration",
	kindInterface:            "interface_declaration",
	kindEnum:                 "enum_declaration",
	kindRecord:               "record_declaration",
	kindAnnotationType:       "annotation_type_declaration",
	kindClassBody:            "class_body",
	kindEnumBody:             "enum_body",
	kindEnumBodyDeclarations: "enum_body_declarations",
	kindInterfaceBody:        "interface_body",
	kindEnumConstant:         "enum_constant",
	kindSuperclass:           "superclass",

	kindMethod:              "method_declaration",
	kindConstructor:         "constructor_declaration",
	kindCompactConstructor:  "compact_constructor_declaration",
	kindAnnotationElement:   "annotation_type_element_declaration",
	kindStaticInitializer:   "static_initializer",
	kindField:               "field_declaration",
	kindConstantDeclaration: "constant_declaration",
	kindDeclarator:          "variable_declarator",
	kindModifiers:           "modifiers",
	kindMarker:              "marker_annotation",
	kindAnnotation:          "annotation",
	kindElementPair:         "element_value_pair",

	kindFormalParameters:   "formal_parameters",
	kindFormalParameter:    "formal_parameter",
	kindSpreadParameter:    "spread_parameter",
	kindInferredParameters: "inferred_parameters",
	kindCatchParameter:     "catch_formal_parameter",
	kindResource:           "resource",
	kindTypeParameter:      "type_parameter",

	kindBlock:               "block",
	kindIf:                  "if_statement",
	kindFor:                 "for_statement",
	kindForEach:             "enhanced_for_statement",
	kindWhile:               "while_statement",
	kindDo:                  "do_statement",
	kindSwitch:              "switch_expression",
	kindSwitchLabel:         "switch_label",
	kindTry:                 "try_statement",
	kindTryResources:        "try_with_resources_statement",
	kindCatch:               "catch_clause",
	kindFinally:             "finally_clause",
	kindSynchronized:        "synchronized_statement",
	kindLabeled:             "labeled_statement",
	kindBreak:               "break_statement",
	kindContinue:            "continue_statement",
	kindReturn:              "return_statement",
	kindThrow:               "throw_statement",
	kindYield:               "yield_statement",
	kindAssert:              "assert_statement",
	kindExpressionStatement: "expression_statement",
	kindLocalVariable:       "local_variable_declaration",
	kindConstructorCall:     "explicit_constructor_invocation",

	kindLambda:          "lambda_expression",
	kindTernary:         "ternary_expression",
	kindBinary:          "binary_expression",
	kindParenthesized:   "parenthesized_expression",
	kindInvocation:      "method_invocation",
	kindCreation:        "object_creation_expression",
	kindReference:       "method_reference",
	kindFieldAccess:     "field_access",
	kindArguments:       "argument_list",
	kindInstanceof:      "instanceof_expression",
	kindTypePattern:     "type_pattern",
	kindRecordComponent: "record_pattern_component",
	kindThis:            "this",

	kindString:           "string_literal",
	kindCharacter:        "character_literal",
	kindInteger:          "decimal_integer_literal",
	kindHex:              "hex_integer_literal",
	kindFloat:            "decimal_floating_point_literal",
	kindTrue:             "true",
	kindFalse:            "false",
	kindNull:             "null_literal",
	kindClassLiteral:     "class_literal",
	kindValueArray:       "element_value_array_initializer",
	kindArrayInitializer: "array_initializer",
	kindArrayCreation:    "array_creation_expression",
	kindCast:             "cast_expression",
	kindAssignment:       "assignment_expression",
	kindSuper:            "super",
	kindPlus:             `"+"`,
	kindInterfaces:       "super_interfaces",
	kindExtends:          "extends_interfaces",
	kindTypeList:         "type_list",
	kindGenericType:      "generic_type",
	kindTypeArguments:    "type_arguments",

	kindIdentifier:       "identifier",
	kindTypeIdentifier:   "type_identifier",
	kindScopedIdentifier: "scoped_identifier",
	kindScopedType:       "scoped_type_identifier",
	kindArrayType:        "array_type",
	kindVoid:             "void_type",

	kindCase:    `"case"`,
	kindAnd:     `"&&"`,
	kindOr:      `"||"`,
	kindPublic:  `"public"`,
	kindPrivate: `"private"`,
	kindStatic:  `"static"`,
	kindFinal:   `"final"`,
}

// Fields of nodes.
const (
	fieldNone treesitter.Field = iota
	fieldName
	fieldBody
	fieldType
	fieldObject
	fieldArguments
	fieldParameters
	fieldOperator
	fieldConsequence
	fieldAlternative
	fieldField
	fieldKey
	fieldModule
	fieldValue
	fieldLeft
	fieldRight
)

var fields = []string{
	fieldName:        "name",
	fieldBody:        "body",
	fieldType:        "type",
	fieldObject:      "object",
	fieldArguments:   "arguments",
	fieldParameters:  "parameters",
	fieldOperator:    "operator",
	fieldConsequence: "consequence",
	fieldAlternative: "alternative",
	fieldField:       "field",
	fieldKey:         "key",
	fieldModule:      "module",
	fieldValue:       "value",
	fieldLeft:        "left",
	fieldRight:       "right",
}

// statements are the kinds that are one logical line each, after JavaNCSS:
// statements, declarations and the labels of a switch.
var statements = table(kindPackage, kindImport, kindClass, kindInterface, kindEnum, kindRecord, kindAnnotationType,
	kindMethod, kindConstructor, kindCompactConstructor, kindAnnotationElement, kindStaticInitializer, kindField,
	kindConstantDeclaration, kindIf, kindFor, kindForEach, kindWhile, kindDo, kindSwitch, kindSwitchLabel, kindTry,
	kindTryResources, kindCatch, kindFinally, kindSynchronized, kindLabeled, kindBreak, kindContinue, kindReturn,
	kindThrow, kindYield, kindAssert, kindExpressionStatement, kindLocalVariable, kindConstructorCall)

// table returns a set of kinds that is read by index.
func table(members ...treesitter.Kind) [kindEnd]bool {
	var set [kindEnd]bool
	for _, kind := range members {
		set[kind] = true
	}
	return set
}
