package feature

// rustRules are the frameworks of this family.
var rustRules []rule
