package feature

// pythonRules are the frameworks of this family.
var pythonRules []rule
