package feature

// phpRules are the frameworks of this family.
var phpRules []rule
