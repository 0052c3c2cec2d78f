package feature

// csharpRules are the frameworks of this family.
var csharpRules []rule
