package c

import "github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"

// Kinds of nodes of tree-sitter-c, and behind kindCEnd those that
// tree-sitter-cpp has besides.
const (
	kindOther treesitter.Kind = iota

	kindUnit
	kindComment
	kindInclude
	kindDefine
	kindDefineFunction
	kindMacroParameters
	kindMacroBody
	kindPreprocessorCall

	kindFunction
	kindDeclaration
	kindTypedef
	kindLinkage
	kindDeclarationList
	kindStruct
	kindUnion
	kindEnum
	kindFields
	kindField
	kindEnumerators
	kindEnumerator
	kindStorage
	kindAttributeSpecifier

	kindFunctionDeclarator
	kindPointerDeclarator
	kindArrayDeclarator
	kindParenthesizedDeclarator
	kindAttributedDeclarator
	kindInitDeclarator
	kindParameters
	kindParameter
	kindVariadic
	kindDescriptor
	kindMacroType

	kindBlock
	kindIf
	kindElse
	kindFor
	kindWhile
	kindDo
	kindSwitch
	kindCase
	kindGoto
	kindLabeled
	kindReturn
	kindBreak
	kindContinue
	kindExpressionStatement

	kindConditional
	kindBinary
	kindParenthesized
	kindCall
	kindArguments
	kindFieldExpression
	kindCast
	kindSizeof
	kindInitializerList
	kindInitializerPair
	kindFieldDesignator

	kindIdentifier
	kindFieldIdentifier
	kindTypeIdentifier
	kindLabel
	kindPrimitive
	kindString
	kindStringContent
	kindSystemPath

	kindAnd
	kindOr
	kindCEnd

	kindClass
	kindNamespace
	kindNamespaceName
	kindNestedNamespace
	kindNamespaceAlias
	kindUsing
	kindAlias
	kindFriend
	kindTemplate
	kindTemplateType
	kindTemplateFunction
	kindTemplateMethod
	kindTemplateArguments
	kindTypeParameter
	kindOptionalTypeParameter
	kindVariadicTypeParameter
	kindConcept
	kindBases
	kindAccess
	kindQualified
	kindDestructor
	kindOperatorName
	kindOperatorCast
	kindReferenceDeclarator
	kindOptionalParameter
	kindVariadicParameter
	kindTrailingType
	kindForRange
	kindTry
	kindCatch
	kindLambda
	kindNew
	kindThrow
	kindCoReturn
	kindCoYield
	kindThis
	kindBinding
	kindCaptureInitializer
	kindDefaultMethod
	kindDeleteMethod
	kindPureVirtual
	kindAndName
	kindOrName
	kindEnd
)

var kinds = []string{
	kindUnit:             "translation_unit",
	kindComment:          "comment",
	kindInclude:          "preproc_include",
	kindDefine:           "preproc_def",
	kindDefineFunction:   "preproc_function_def",
	kindMacroParameters:  "preproc_params",
	kindMacroBody:        "preproc_arg",
	kindPreprocessorCall: "preproc_call",

	kindFunction:           "function_definition",
	kindDeclaration:        "declaration",
	kindTypedef:            "type_definition",
	kindLinkage:            "linkage_specification",
	kindDeclarationList:    "declaration_list",
	kindStruct:             "struct_specifier",
	kindUnion:              "union_specifier",
	kindEnum:               "enum_specifier",
	kindFields:             "field_declaration_list",
	kindField:              "field_declaration",
	kindEnumerators:        "enumerator_list",
	kindEnumerator:         "enumerator",
	kindStorage:            "storage_class_specifier",
	kindAttributeSpecifier: "attribute_specifier",

	kindFunctionDeclarator:      "function_declarator",
	kindPointerDeclarator:       "pointer_declarator",
	kindArrayDeclarator:         "array_declarator",
	kindParenthesizedDeclarator: "parenthesized_declarator",
	kindAttributedDeclarator:    "attributed_declarator",
	kindInitDeclarator:          "init_declarator",
	kindParameters:              "parameter_list",
	kindParameter:               "parameter_declaration",
	kindVariadic:                `"..."`,
	kindDescriptor:              "type_descriptor",

	kindBlock:               "compound_statement",
	kindIf:                  "if_statement",
	kindElse:                "else_clause",
	kindFor:                 "for_statement",
	kindWhile:               "while_statement",
	kindDo:                  "do_statement",
	kindSwitch:              "switch_statement",
	kindCase:                "case_statement",
	kindGoto:                "goto_statement",
	kindLabeled:             "labeled_statement",
	kindReturn:              "return_statement",
	kindBreak:               "break_statement",
	kindContinue:            "continue_statement",
	kindExpressionStatement: "expression_statement",

	kindConditional:     "conditional_expression",
	kindBinary:          "binary_expression",
	kindParenthesized:   "parenthesized_expression",
	kindCall:            "call_expression",
	kindArguments:       "argument_list",
	kindFieldExpression: "field_expression",
	kindCast:            "cast_expression",
	kindSizeof:          "sizeof_expression",
	kindInitializerList: "initializer_list",
	kindInitializerPair: "initializer_pair",
	kindFieldDesignator: "field_designator",

	kindIdentifier:      "identifier",
	kindFieldIdentifier: "field_identifier",
	kindTypeIdentifier:  "type_identifier",
	kindLabel:           "statement_identifier",
	kindPrimitive:       "primitive_type",
	kindString:          "string_literal",
	kindStringContent:   "string_content",
	kindSystemPath:      "system_lib_string",

	kindAnd: `"&&"`,
	kindOr:  `"||"`,

	kindClass:                 "class_specifier",
	kindNamespace:             "namespace_definition",
	kindNamespaceName:         "namespace_identifier",
	kindNestedNamespace:       "nested_namespace_specifier",
	kindNamespaceAlias:        "namespace_alias_definition",
	kindUsing:                 "using_declaration",
	kindAlias:                 "alias_declaration",
	kindFriend:                "friend_declaration",
	kindTemplate:              "template_declaration",
	kindTemplateType:          "template_type",
	kindTemplateFunction:      "template_function",
	kindTemplateMethod:        "template_method",
	kindTemplateArguments:     "template_argument_list",
	kindTypeParameter:         "type_parameter_declaration",
	kindOptionalTypeParameter: "optional_type_parameter_declaration",
	kindVariadicTypeParameter: "variadic_type_parameter_declaration",
	kindConcept:               "concept_definition",
	kindBases:                 "base_class_clause",
	kindAccess:                "access_specifier",
	kindQualified:             "qualified_identifier",
	kindDestructor:            "destructor_name",
	kindOperatorName:          "operator_name",
	kindOperatorCast:          "operator_cast",
	kindReferenceDeclarator:   "reference_declarator",
	kindOptionalParameter:     "optional_parameter_declaration",
	kindVariadicParameter:     "variadic_parameter_declaration",
	kindTrailingType:          "trailing_return_type",
	kindForRange:              "for_range_loop",
	kindTry:                   "try_statement",
	kindCatch:                 "catch_clause",
	kindLambda:                "lambda_expression",
	kindNew:                   "new_expression",
	kindThrow:                 "throw_statement",
	kindCoReturn:              "co_return_statement",
	kindCoYield:               "co_yield_statement",
	kindThis:                  "this",
	kindBinding:               "structured_binding_declarator",
	kindCaptureInitializer:    "lambda_capture_initializer",
	kindDefaultMethod:         "default_method_clause",
	kindDeleteMethod:          "delete_method_clause",
	kindPureVirtual:           "pure_virtual_clause",
	kindAndName:               `"and"`,
	kindOrName:                `"or"`,
}

// kindsOf returns the names for a grammar: without those that it lacks.
func kindsOf(cpp bool) []string {
	if cpp {
		all := append([]string(nil), kinds...)
		all[kindMacroType] = "" // a type made by a macro is C's alone
		return all
	}
	c := append([]string(nil), kinds[:kindCEnd]...)
	c[kindMacroType] = "macro_type_specifier"
	return c
}

// Fields of nodes.
const (
	fieldNone treesitter.Field = iota
	fieldName
	fieldBody
	fieldType
	fieldDeclarator
	fieldParameters
	fieldArguments
	fieldFunction
	fieldArgument
	fieldField
	fieldOperator
	fieldCondition
	fieldConsequence
	fieldAlternative
	fieldPath
	fieldValue
	fieldLabel
	fieldCEnd
	fieldScope
)

var fields = []string{
	fieldName:        "name",
	fieldBody:        "body",
	fieldType:        "type",
	fieldDeclarator:  "declarator",
	fieldParameters:  "parameters",
	fieldArguments:   "arguments",
	fieldFunction:    "function",
	fieldArgument:    "argument",
	fieldField:       "field",
	fieldOperator:    "operator",
	fieldCondition:   "condition",
	fieldConsequence: "consequence",
	fieldAlternative: "alternative",
	fieldPath:        "path",
	fieldValue:       "value",
	fieldLabel:       "label",
	fieldScope:       "scope",
}

func fieldsOf(cpp bool) []string {
	if cpp {
		return fields
	}
	return fields[:fieldCEnd]
}

// statements are the kinds that are one logical line each: statements,
// declarations, labels of a switch, and directives that stay.
var statements = table(kindInclude, kindDefine, kindDefineFunction, kindFunction, kindDeclaration, kindTypedef, kindField,
	kindIf, kindFor, kindForRange, kindWhile, kindDo, kindSwitch, kindCase, kindGoto, kindReturn, kindBreak, kindContinue,
	kindExpressionStatement, kindTry, kindCatch, kindThrow, kindCoReturn, kindCoYield, kindUsing, kindAlias, kindNamespaceAlias,
	kindConcept, kindAccess)

// table returns a set of kinds that is read by index.
func table(members ...treesitter.Kind) [kindEnd]bool {
	var set [kindEnd]bool
	for _, kind := range members {
		set[kind] = true
	}
	return set
}
