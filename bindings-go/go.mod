module github.com/imazen/imageflow-go

go 1.22
