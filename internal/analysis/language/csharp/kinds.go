package csharp

import "github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"

// Kinds of nodes of tree-sitter-c-sharp.
const (
	kindOther treesitter.Kind = iota

	kindFile
	kindComment
	kindUsing
	kindNamespace
	kindFileNamespace
	kindGlobalStatement
	kindPreprocessorIf
	kindPreprocessorElif
	kindStatic
	kindGlobal

	kindClass
	kindStruct
	kindEnum
	kindInterface
	kindRecord
	kindDelegate
	kindEnumMember
	kindBaseList
	kindPrimaryBase
	kindDeclarationList
	kindModifier
	kindExplicitInterface
	kindTypeParameter
	kindTypeParameters

	kindMethod
	kindConstructor
	kindDestructor
	kindOperator
	kindConversion
	kindProperty
	kindIndexer
	kindEvent
	kindEventField
	kindField
	kindAccessor
	kindAccessorList
	kindLocalFunction
	kindArrow
	kindBlock
	kindParameters
	kindBracketedParameters
	kindParameter
	kindImplicitParameter
	kindVariables
	kindVariable

	kindAttributeList
	kindAttribute
	kindGlobalAttribute
	kindAttributeArguments
	kindAttributeArgument

	kindIf
	kindFor
	kindForEach
	kindWhile
	kindDo
	kindSwitch
	kindSwitchSection
	kindSwitchExpression
	kindSwitchArm
	kindCatch
	kindCatchDeclaration
	kindTernary
	kindGoto
	kindLabeled
	kindReturn
	kindThrow
	kindYield
	kindBreak
	kindContinue
	kindTry
	kindLock
	kindUsingStatement
	kindFixed
	kindUnsafe
	kindChecked
	kindExpressionStatement
	kindLocalDeclaration

	kindBinary
	kindAndPattern
	kindOrPattern
	kindParenthesized
	kindParenthesizedPattern
	kindInvocation
	kindCreation
	kindImplicitCreation
	kindAnonymousCreation
	kindArrayCreation
	kindImplicitArray
	kindInitializer
	kindElementBinding
	kindMemberAccess
	kindMemberBinding
	kindConditionalAccess
	kindElementAccess
	kindLambda
	kindAnonymousMethod
	kindArguments
	kindArgument
	kindAssignment
	kindAwait
	kindCast
	kindAs
	kindPostfix
	kindPrefix
	kindTypeof
	kindTuple
	kindWithInitializer
	kindSubpattern
	kindDeclarationExpression
	kindDeclarationPattern
	kindRecursivePattern
	kindVarPattern
	kindDesignation
	kindConstantPattern
	kindDiscard
	kindFrom
	kindJoin
	kindJoinInto
	kindLet
	kindTupleElement
	kindTuplePattern
	kindConstructorInitializer

	kindIdentifier
	kindQualified
	kindAliasQualified
	kindGeneric
	kindTypeArguments
	kindPredefined
	kindThis
	kindBase

	kindString
	kindVerbatim
	kindRawString
	kindInterpolated
	kindInterpolation
	kindInteger
	kindReal
	kindBoolean
	kindNull
	kindCharacter

	kindAnd
	kindOr
	kindAndWord
	kindOrWord
	kindPlus
	kindDefault
	kindEnd
)

var kinds = []string{
	kindFile:             "compilation_unit",
	kindComment:          "comment",
	kindUsing:            "using_directive",
	kindNamespace:        "namespace_declaration",
	kindFileNamespace:    "file_scoped_namespace_declaration",
	kindGlobalStatement:  "global_statement",
	kindPreprocessorIf:   "preproc_if",
	kindPreprocessorElif: "preproc_elif",
	kindStatic:           `"static"`,
	kindGlobal:           `"global"`,

	kindClass:             "class_declaration",
	kindStruct:            "struct_declaration",
	kindEnum:              "enum_declaration",
	kindInterface:         "interface_declaration",
	kindRecord:            "record_declaration",
	kindDelegate:          "delegate_declaration",
	kindEnumMember:        "enum_member_declaration",
	kindBaseList:          "base_list",
	kindPrimaryBase:       "primary_constructor_base_type",
	kindDeclarationList:   "declaration_list",
	kindModifier:          "modifier",
	kindExplicitInterface: "explicit_interface_specifier",
	kindTypeParameter:     "type_parameter",
	kindTypeParameters:    "type_parameter_list",

	kindMethod:              "method_declaration",
	kindConstructor:         "constructor_declaration",
	kindDestructor:          "destructor_declaration",
	kindOperator:            "operator_declaration",
	kindConversion:          "conversion_operator_declaration",
	kindProperty:            "property_declaration",
	kindIndexer:             "indexer_declaration",
	kindEvent:               "event_declaration",
	kindEventField:          "event_field_declaration",
	kindField:               "field_declaration",
	kindAccessor:            "accessor_declaration",
	kindAccessorList:        "accessor_list",
	kindLocalFunction:       "local_function_statement",
	kindArrow:               "arrow_expression_clause",
	kindBlock:               "block",
	kindParameters:          "parameter_list",
	kindBracketedParameters: "bracketed_parameter_list",
	kindParameter:           "parameter",
	kindImplicitParameter:   "implicit_parameter",
	kindVariables:           "variable_declaration",
	kindVariable:            "variable_declarator",

	kindAttributeList:      "attribute_list",
	kindAttribute:          "attribute",
	kindGlobalAttribute:    "global_attribute",
	kindAttributeArguments: "attribute_argument_list",
	kindAttributeArgument:  "attribute_argument",

	kindIf:                  "if_statement",
	kindFor:                 "for_statement",
	kindForEach:             "foreach_statement",
	kindWhile:               "while_statement",
	kindDo:                  "do_statement",
	kindSwitch:              "switch_statement",
	kindSwitchSection:       "switch_section",
	kindSwitchExpression:    "switch_expression",
	kindSwitchArm:           "switch_expression_arm",
	kindCatch:               "catch_clause",
	kindCatchDeclaration:    "catch_declaration",
	kindTernary:             "conditional_expression",
	kindGoto:                "goto_statement",
	kindLabeled:             "labeled_statement",
	kindReturn:              "return_statement",
	kindThrow:               "throw_statement",
	kindYield:               "yield_statement",
	kindBreak:               "break_statement",
	kindContinue:            "continue_statement",
	kindTry:                 "try_statement",
	kindLock:                "lock_statement",
	kindUsingStatement:      "using_statement",
	kindFixed:               "fixed_statement",
	kindUnsafe:              "unsafe_statement",
	kindChecked:             "checked_statement",
	kindExpressionStatement: "expression_statement",
	kindLocalDeclaration:    "local_declaration_statement",

	kindBinary:                 "binary_expression",
	kindAndPattern:             "and_pattern",
	kindOrPattern:              "or_pattern",
	kindParenthesized:          "parenthesized_expression",
	kindParenthesizedPattern:   "parenthesized_pattern",
	kindInvocation:             "invocation_expression",
	kindCreation:               "object_creation_expression",
	kindImplicitCreation:       "implicit_object_creation_expression",
	kindAnonymousCreation:      "anonymous_object_creation_expression",
	kindArrayCreation:          "array_creation_expression",
	kindImplicitArray:          "implicit_array_creation_expression",
	kindInitializer:            "initializer_expression",
	kindElementBinding:         "element_binding_expression",
	kindMemberAccess:           "member_access_expression",
	kindMemberBinding:          "member_binding_expression",
	kindConditionalAccess:      "conditional_access_expression",
	kindElementAccess:          "element_access_expression",
	kindLambda:                 "lambda_expression",
	kindAnonymousMethod:        "anonymous_method_expression",
	kindArguments:              "argument_list",
	kindArgument:               "argument",
	kindAssignment:             "assignment_expression",
	kindAwait:                  "await_expression",
	kindCast:                   "cast_expression",
	kindAs:                     "as_expression",
	kindPostfix:                "postfix_unary_expression",
	kindPrefix:                 "prefix_unary_expression",
	kindTypeof:                 "typeof_expression",
	kindTuple:                  "tuple_expression",
	kindWithInitializer:        "with_initializer",
	kindSubpattern:             "subpattern",
	kindDeclarationExpression:  "declaration_expression",
	kindDeclarationPattern:     "declaration_pattern",
	kindRecursivePattern:       "recursive_pattern",
	kindVarPattern:             "var_pattern",
	kindDesignation:            "parenthesized_variable_designation",
	kindConstantPattern:        "constant_pattern",
	kindDiscard:                "discard",
	kindFrom:                   "from_clause",
	kindJoin:                   "join_clause",
	kindJoinInto:               "join_into_clause",
	kindLet:                    "let_clause",
	kindTupleElement:           "tuple_element",
	kindTuplePattern:           "tuple_pattern",
	kindConstructorInitializer: "constructor_initializer",

	kindIdentifier:     "identifier",
	kindQualified:      "qualified_name",
	kindAliasQualified: "alias_qualified_name",
	kindGeneric:        "generic_name",
	kindTypeArguments:  "type_argument_list",
	kindPredefined:     "predefined_type",
	kindThis:           `"this"`,
	kindBase:           `"base"`,

	kindString:        "string_literal",
	kindVerbatim:      "verbatim_string_literal",
	kindRawString:     "raw_string_literal",
	kindInterpolated:  "interpolated_string_expression",
	kindInterpolation: "interpolation",
	kindInteger:       "integer_literal",
	kindReal:          "real_literal",
	kindBoolean:       "boolean_literal",
	kindNull:          "null_literal",
	kindCharacter:     "character_literal",

	kindAnd:     `"&&"`,
	kindOr:      `"||"`,
	kindAndWord: `"and"`,
	kindOrWord:  `"or"`,
	kindPlus:    `"+"`,
	kindDefault: `"default"`,
}

// Fields of nodes of tree-sitter-c-sharp.
const (
	fieldNone treesitter.Field = iota
	fieldName
	fieldBody
	fieldType
	fieldReturns
	fieldParameters
	fieldOperator
	fieldLeft
	fieldRight
	fieldCondition
	fieldConsequence
	fieldAlternative
	fieldFunction
	fieldArguments
	fieldInitializer
	fieldExpression
	fieldValue
	fieldAlias
)

var fields = []string{
	fieldName:        "name",
	fieldBody:        "body",
	fieldType:        "type",
	fieldReturns:     "returns",
	fieldParameters:  "parameters",
	fieldOperator:    "operator",
	fieldLeft:        "left",
	fieldRight:       "right",
	fieldCondition:   "condition",
	fieldConsequence: "consequence",
	fieldAlternative: "alternative",
	fieldFunction:    "function",
	fieldArguments:   "arguments",
	fieldInitializer: "initializer",
	fieldExpression:  "expression",
	fieldValue:       "value",
	fieldAlias:       "alias",
}

// statements are the kinds that are a logical line.
var statements = table(kindUsing, kindNamespace, kindFileNamespace, kindClass, kindStruct, kindEnum, kindInterface, kindRecord, kindDelegate,
	kindMethod, kindConstructor, kindDestructor, kindOperator, kindConversion, kindProperty, kindIndexer, kindEvent, kindEventField, kindField,
	kindLocalFunction, kindIf, kindFor, kindForEach, kindWhile, kindDo, kindSwitch, kindSwitchSection, kindCatch, kindGoto, kindLabeled, kindReturn,
	kindThrow, kindYield, kindBreak, kindContinue, kindTry, kindLock, kindUsingStatement, kindFixed, kindUnsafe, kindChecked,
	kindExpressionStatement, kindLocalDeclaration, kindConstructorInitializer)

// table returns a set of kinds that is read by index.
func table(members ...treesitter.Kind) [kindEnd]bool {
	var set [kindEnd]bool
	for _, kind := range members {
		set[kind] = true
	}
	return set
}
