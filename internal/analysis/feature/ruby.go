package feature

// rubyRules are the frameworks of this family.
var rubyRules []rule
