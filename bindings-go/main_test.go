package imageflow_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/imazen/imageflow-go"
)

// packageDir is where the sources are: the tests run in an empty folder that only has in.jpg, for the examples.
var packageDir string

// childVariable makes the test program run a child instead of the tests: the library is loaded once per process.
const childVariable = "IMAGEFLOW_GO_TEST_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		children[name]()
		return
	}
	os.Exit(runIn(m))
}

func runIn(m *testing.M) int {
	var err error
	if packageDir, err = os.Getwd(); err != nil {
		panic(err)
	}
	folder, err := os.MkdirTemp("", "imageflow-go")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	// The tests change folders, and the library may be named relative to the first one.
	if named := os.Getenv("IMAGEFLOW_LIBRARY_PATH"); named != "" {
		absolute, err := filepath.Abs(named)
		if err != nil {
			panic(err)
		}
		os.Setenv("IMAGEFLOW_LIBRARY_PATH", absolute)
	}
	if err := os.Chdir(folder); err != nil {
		panic(err)
	}
	photo, err := encode(800, 600, imageflow.MozJPEG{})
	if err == nil {
		err = os.WriteFile("in.jpg", photo, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// encode makes a picture: orange, with a blue quarter at the top left and a half transparent bar.
func encode(w, h float64, preset imageflow.Preset) ([]byte, error) {
	step := imageflow.NewStep()
	images, err := step.CreateCanvas(w, h, imageflow.SRGB("ff8800")).
		FillRect(0, 0, w/2, h/2, imageflow.SRGB("0044ff")).
		FillRect(w/2, h/2, w, h/2+1, imageflow.SRGB("00ff0080")).
		Encode(imageflow.GetBuffer("picture"), preset).Execute()
	return images["picture"], err
}

func picture(t testing.TB, w, h float64, preset imageflow.Preset) []byte {
	t.Helper()
	image, err := encode(w, h, preset)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// repository is the folder this one is in, when the sources are not those of a module somebody downloaded.
func repository(t *testing.T) string {
	t.Helper()
	root := filepath.Dir(packageDir)
	if _, err := os.Stat(filepath.Join(root, "include", "imageflow_default.h")); err != nil {
		t.Skip("needs the repository of imageflow around the module")
	}
	return root
}

func TestHeaderIsThatOfTheRepository(t *testing.T) {
	want, err := os.ReadFile(filepath.Join(repository(t), "include", "imageflow_default.h"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(packageDir, "imageflow.h"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("imageflow.h differs from include/imageflow_default.h: copy it")
	}
}
