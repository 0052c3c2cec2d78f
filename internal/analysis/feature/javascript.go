package feature

// javascriptRules are the frameworks of this family.
var javascriptRules []rule
