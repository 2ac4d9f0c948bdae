package imageflow_test

var children = map[string]func(){}
