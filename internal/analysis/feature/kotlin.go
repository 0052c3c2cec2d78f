package feature

// kotlinRules are the frameworks of this family.
var kotlinRules []rule
