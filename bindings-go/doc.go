// Package imageflow resizes, crops, converts and draws on images with libimageflow.
//
//	step := imageflow.NewStep()
//	images, err := step.Decode(imageflow.NewFile("in.jpg")).
//		ConstrainWithin(400, 400).
//		Encode(imageflow.GetBuffer("thumbnail"), imageflow.WebP{Quality: 80}).
//		Execute()
//
// A job is a chain of steps, which may branch, and which runs when it is executed. Jobs of different goroutines run in
// parallel, as many at a time as there are processors (GOMAXPROCS when the program starts); others wait.
//
// The library is loaded when it is first needed, see Library. The build tag imageflow_dynamic links it as -limageflow
// instead, and imageflow_static makes a static libimageflow.a part of the program.
package imageflow
