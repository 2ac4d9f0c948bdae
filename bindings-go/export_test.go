package imageflow

import "context"

// Send gives tests the messages Steps has no calls for.
func Send(method, message string) (response []byte, err error) {
	err = withContext(context.Background(), func(native *nativeContext) error {
		response, err = native.send(method, []byte(message))
		return err
	})
	return response, err
}
