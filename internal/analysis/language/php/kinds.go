package php

import "github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"

// Kinds of nodes of tree-sitter-php.
const (
	kindOther treesitter.Kind = iota
	kindProgram
	kindComment
	kindText
	kindPhpTag
	kindTextInterpolation
	kindNamespaceDefinition
	kindNamespaceName
	kindNamespaceUseDeclaration
	kindNamespaceUseClause
	kindNamespaceUseGroup
	kindClassDeclaration
	kindInterfaceDeclaration
	kindTraitDeclaration
	kindEnumDeclaration
	kindEnumCase
	kindAnonymousClass
	kindDeclarationList
	kindEnumDeclarationList
	kindBaseClause
	kindClassInterfaceClause
	kindUseDeclaration
	kindUseList
	kindConstDeclaration
	kindConstElement
	kindPropertyDeclaration
	kindPropertyElement
	kindPropertyPromotionParameter
	kindMethodDeclaration
	kindFunctionDefinition
	kindAnonymousFunction
	kindArrowFunction
	kindFormalParameters
	kindSimpleParameter
	kindVariadicParameter
	kindAnonymousFunctionUseClause
	kindVisibilityModifier
	kindStaticModifier
	kindAttributeList
	kindAttributeGroup
	kindAttribute
	kindIfStatement
	kindElseClause
	kindElseIfClause
	kindForStatement
	kindForeachStatement
	kindWhileStatement
	kindDoStatement
	kindSwitchStatement
	kindSwitchBlock
	kindCaseStatement
	kindDefaultStatement
	kindMatchExpression
	kindMatchBlock
	kindMatchConditionalExpression
	kindTryStatement
	kindCatchClause
	kindFinallyClause
	kindBreakStatement
	kindContinueStatement
	kindGotoStatement
	kindNamedLabelStatement
	kindReturnStatement
	kindEchoStatement
	kindExitStatement
	kindExpressionStatement
	kindUnsetStatement
	kindGlobalDeclaration
	kindFunctionStaticDeclaration
	kindDeclareStatement
	kindThrowExpression
	kindConditionalExpression
	kindBinaryExpression
	kindParenthesizedExpression
	kindUnaryOpExpression
	kindAssignmentExpression
	kindAugmentedAssignmentExpression
	kindMemberAccessExpression
	kindNullsafeMemberAccessExpression
	kindScopedPropertyAccessExpression
	kindClassConstantAccessExpression
	kindSubscriptExpression
	kindFunctionCallExpression
	kindMemberCallExpression
	kindNullsafeMemberCallExpression
	kindScopedCallExpression
	kindObjectCreationExpression
	kindArguments
	kindArgument
	kindVariadicPlaceholder
	kindVariadicUnpacking
	kindRequireExpression
	kindRequireOnceExpression
	kindIncludeExpression
	kindIncludeOnceExpression
	kindArrayCreationExpression
	kindArrayElementInitializer
	kindName
	kindQualifiedName
	kindRelativeName
	kindRelativeScope
	kindVariableName
	kindNamedType
	kindTypeList
	kindString
	kindEncapsedString
	kindStringContent
	kindEscapeSequence
	kindHeredoc
	kindNowdoc
	kindInteger
	kindFloat
	kindBoolean
	kindNull
	kindAndAnd
	kindOrOr
	kindAndWord
	kindOrWord
	kindXor
	kindDot
	kindFunctionWord
	kindConstWord
	kindEnd
)

var kinds = []string{
	kindProgram:                        "program",
	kindComment:                        "comment",
	kindText:                           "text",
	kindPhpTag:                         "php_tag",
	kindTextInterpolation:              "text_interpolation",
	kindNamespaceDefinition:            "namespace_definition",
	kindNamespaceName:                  "namespace_name",
	kindNamespaceUseDeclaration:        "namespace_use_declaration",
	kindNamespaceUseClause:             "namespace_use_clause",
	kindNamespaceUseGroup:              "namespace_use_group",
	kindClassDeclaration:               "class_declaration",
	kindInterfaceDeclaration:           "interface_declaration",
	kindTraitDeclaration:               "trait_declaration",
	kindEnumDeclaration:                "enum_declaration",
	kindEnumCase:                       "enum_case",
	kindAnonymousClass:                 "anonymous_class",
	kindDeclarationList:                "declaration_list",
	kindEnumDeclarationList:            "enum_declaration_list",
	kindBaseClause:                     "base_clause",
	kindClassInterfaceClause:           "class_interface_clause",
	kindUseDeclaration:                 "use_declaration",
	kindUseList:                        "use_list",
	kindConstDeclaration:               "const_declaration",
	kindConstElement:                   "const_element",
	kindPropertyDeclaration:            "property_declaration",
	kindPropertyElement:                "property_element",
	kindPropertyPromotionParameter:     "property_promotion_parameter",
	kindMethodDeclaration:              "method_declaration",
	kindFunctionDefinition:             "function_definition",
	kindAnonymousFunction:              "anonymous_function",
	kindArrowFunction:                  "arrow_function",
	kindFormalParameters:               "formal_parameters",
	kindSimpleParameter:                "simple_parameter",
	kindVariadicParameter:              "variadic_parameter",
	kindAnonymousFunctionUseClause:     "anonymous_function_use_clause",
	kindVisibilityModifier:             "visibility_modifier",
	kindStaticModifier:                 "static_modifier",
	kindAttributeList:                  "attribute_list",
	kindAttributeGroup:                 "attribute_group",
	kindAttribute:                      "attribute",
	kindIfStatement:                    "if_statement",
	kindElseClause:                     "else_clause",
	kindElseIfClause:                   "else_if_clause",
	kindForStatement:                   "for_statement",
	kindForeachStatement:               "foreach_statement",
	kindWhileStatement:                 "while_statement",
	kindDoStatement:                    "do_statement",
	kindSwitchStatement:                "switch_statement",
	kindSwitchBlock:                    "switch_block",
	kindCaseStatement:                  "case_statement",
	kindDefaultStatement:               "default_statement",
	kindMatchExpression:                "match_expression",
	kindMatchBlock:                     "match_block",
	kindMatchConditionalExpression:     "match_conditional_expression",
	kindTryStatement:                   "try_statement",
	kindCatchClause:                    "catch_clause",
	kindFinallyClause:                  "finally_clause",
	kindBreakStatement:                 "break_statement",
	kindContinueStatement:              "continue_statement",
	kindGotoStatement:                  "goto_statement",
	kindNamedLabelStatement:            "named_label_statement",
	kindReturnStatement:                "return_statement",
	kindEchoStatement:                  "echo_statement",
	kindExitStatement:                  "exit_statement",
	kindExpressionStatement:            "expression_statement",
	kindUnsetStatement:                 "unset_statement",
	kindGlobalDeclaration:              "global_declaration",
	kindFunctionStaticDeclaration:      "function_static_declaration",
	kindDeclareStatement:               "declare_statement",
	kindThrowExpression:                "throw_expression",
	kindConditionalExpression:          "conditional_expression",
	kindBinaryExpression:               "binary_expression",
	kindParenthesizedExpression:        "parenthesized_expression",
	kindUnaryOpExpression:              "unary_op_expression",
	kindAssignmentExpression:           "assignment_expression",
	kindAugmentedAssignmentExpression:  "augmented_assignment_expression",
	kindMemberAccessExpression:         "member_access_expression",
	kindNullsafeMemberAccessExpression: "nullsafe_member_access_expression",
	kindScopedPropertyAccessExpression: "scoped_property_access_expression",
	kindClassConstantAccessExpression:  "class_constant_access_expression",
	kindSubscriptExpression:            "subscript_expression",
	kindFunctionCallExpression:         "function_call_expression",
	kindMemberCallExpression:           "member_call_expression",
	kindNullsafeMemberCallExpression:   "nullsafe_member_call_expression",
	kindScopedCallExpression:           "scoped_call_expression",
	kindObjectCreationExpression:       "object_creation_expression",
	kindArguments:                      "arguments",
	kindArgument:                       "argument",
	kindVariadicPlaceholder:            "variadic_placeholder",
	kindVariadicUnpacking:              "variadic_unpacking",
	kindRequireExpression:              "require_expression",
	kindRequireOnceExpression:          "require_once_expression",
	kindIncludeExpression:              "include_expression",
	kindIncludeOnceExpression:          "include_once_expression",
	kindArrayCreationExpression:        "array_creation_expression",
	kindArrayElementInitializer:        "array_element_initializer",
	kindName:                           "name",
	kindQualifiedName:                  "qualified_name",
	kindRelativeName:                   "relative_name",
	kindRelativeScope:                  "relative_scope",
	kindVariableName:                   "variable_name",
	kindNamedType:                      "named_type",
	kindTypeList:                       "type_list",
	kindString:                         "string",
	kindEncapsedString:                 "encapsed_string",
	kindStringContent:                  "string_content",
	kindEscapeSequence:                 "escape_sequence",
	kindHeredoc:                        "heredoc",
	kindNowdoc:                         "nowdoc",
	kindInteger:                        "integer",
	kindFloat:                          "float",
	kindBoolean:                        "boolean",
	kindNull:                           "null",
	kindAndAnd:                         `"&&"`,
	kindOrOr:                           `"||"`,
	kindAndWord:                        `"and"`,
	kindOrWord:                         `"or"`,
	kindXor:                            `"xor"`,
	kindDot:                            `"."`,
	kindFunctionWord:                   `"function"`,
	kindConstWord:                      `"const"`,
}

// Fields of nodes.
const (
	fieldNone treesitter.Field = iota
	fieldName
	fieldBody
	fieldParameters
	fieldReturnType
	fieldType
	fieldObject
	fieldScope
	fieldFunction
	fieldArguments
	fieldOperator
	fieldLeft
	fieldRight
	fieldCondition
	fieldAlternative
	fieldAttributes
	fieldAlias
	fieldValue
	fieldDefaultValue
)

var fields = []string{
	fieldName:         "name",
	fieldBody:         "body",
	fieldParameters:   "parameters",
	fieldReturnType:   "return_type",
	fieldType:         "type",
	fieldObject:       "object",
	fieldScope:        "scope",
	fieldFunction:     "function",
	fieldArguments:    "arguments",
	fieldOperator:     "operator",
	fieldLeft:         "left",
	fieldRight:        "right",
	fieldCondition:    "condition",
	fieldAlternative:  "alternative",
	fieldAttributes:   "attributes",
	fieldAlias:        "alias",
	fieldValue:        "value",
	fieldDefaultValue: "default_value",
}

// statements are the kinds that are one logical line each: statements, clauses
// and declarations.
var statements = table(kindNamespaceDefinition, kindNamespaceUseDeclaration, kindClassDeclaration, kindInterfaceDeclaration,
	kindTraitDeclaration, kindEnumDeclaration, kindEnumCase, kindUseDeclaration, kindConstDeclaration, kindPropertyDeclaration,
	kindMethodDeclaration, kindFunctionDefinition, kindIfStatement, kindElseClause, kindElseIfClause, kindForStatement,
	kindForeachStatement, kindWhileStatement, kindDoStatement, kindSwitchStatement, kindCaseStatement, kindDefaultStatement,
	kindTryStatement, kindCatchClause, kindFinallyClause, kindBreakStatement, kindContinueStatement, kindGotoStatement,
	kindReturnStatement, kindEchoStatement, kindExitStatement, kindExpressionStatement, kindUnsetStatement, kindGlobalDeclaration,
	kindFunctionStaticDeclaration, kindDeclareStatement, kindMatchConditionalExpression)

// table returns a set of kinds that is read by index.
func table(members ...treesitter.Kind) [kindEnd]bool {
	var set [kindEnd]bool
	for _, kind := range members {
		set[kind] = true
	}
	return set
}
