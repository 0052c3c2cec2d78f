package feature

// javaRules are the frameworks of this family.
var javaRules []rule
