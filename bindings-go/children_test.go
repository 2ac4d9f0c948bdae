package imageflow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/imazen/imageflow-go"
)

// children run in a process of their own, with another library.
var children = map[string]func(){
	"library": func() {
		path, err := imageflow.Library()
		fmt.Println("path", path)
		if err != nil {
			fmt.Println(err)
		}
	},
	"no copy": func() {
		if err := noCopy(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("passed")
	},
}

// child runs one with the environment given; without it, no library is named.
func child(t *testing.T, name string, environment ...string) string {
	t.Helper()
	return run(t, os.Args[0], name, environment...)
}

func run(t *testing.T, program, name string, environment ...string) string {
	t.Helper()
	command := exec.Command(program)
	command.Env = append(os.Environ(), childVariable+"="+name, "IMAGEFLOW_LIBRARY_PATH=")
	command.Env = append(command.Env, environment...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return string(output)
}

// stub compiles a variant of testdata/stub.c under the name the library has.
func stub(t *testing.T, flags ...string) (path string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("builds a library with cc")
	}
	name := "libimageflow.so"
	if runtime.GOOS == "darwin" {
		name = "libimageflow.dylib"
	}
	path = filepath.Join(t.TempDir(), name)
	arguments := append([]string{"-shared", "-fPIC", "-o", path, "-I", packageDir}, flags...)
	output, err := exec.Command("cc", append(arguments, filepath.Join(packageDir, "testdata", "stub.c"))...).CombinedOutput()
	if err != nil {
		t.Fatalf("cc: %v\n%s", err, output)
	}
	return path
}

// counts is what the stub says in its output.
type counts struct {
	Method                                                        string
	Input                                                         string
	Sum                                                           int
	Created, Destroyed, Copied, Borrowed, Taken, Freed, Requested int
}

func TestInputsAreNotCopied(t *testing.T) {
	path := stub(t)
	if got := child(t, "no copy", "IMAGEFLOW_LIBRARY_PATH="+path, "IMAGEFLOW_GO_TEST_TAKE=1"); got != "passed\n" {
		t.Error(got)
	}
}

// A library of ABI 3.1 cannot hand out its memory: outputs are copied.
func TestOlderLibrary(t *testing.T) {
	path := stub(t, "-DABI_MINOR=1", "-DWITHOUT_TAKE")
	if got := child(t, "no copy", "IMAGEFLOW_LIBRARY_PATH="+path, "IMAGEFLOW_GO_TEST_TAKE=0"); got != "passed\n" {
		t.Error(got)
	}
}

// noCopy runs jobs that fill and collect memory around their inputs.
func noCopy() error {
	takes := os.Getenv("IMAGEFLOW_GO_TEST_TAKE") == "1"
	const jobs = 1000
	for i := 0; i < jobs; i++ {
		data := bytes.Repeat([]byte{byte(i), 3}, 500+i)
		address, sum := fmt.Sprintf("%p", &data[0]), (int(byte(i))+3)*(500+i)
		step := start().Decode(imageflow.NewBuffer(data)).PNG(imageflow.GetBuffer("o"))
		if i%10 == 0 {
			runtime.GC()
		}
		var output []byte
		if i%2 == 0 {
			images, err := step.Execute()
			if err != nil {
				return err
			}
			output = images["o"]
		} else {
			result, err := step.ExecuteRaw(context.Background())
			if err != nil {
				return err
			}
			output = bytes.Clone(result.Outputs[0].Bytes)
			result.Close()
			result.Close() // frees nothing twice
		}
		var got counts
		if err := json.Unmarshal(output, &got); err != nil {
			return err
		}
		// The counts are from before the job's output was taken and its context destroyed.
		want := counts{Method: "v1/execute", Input: address, Sum: sum, Created: i + 1, Destroyed: i, Borrowed: i + 1}
		if takes {
			want.Taken, want.Freed = i, i
		}
		if got != want {
			return fmt.Errorf("got %+v, want %+v", got, want)
		}
	}
	return nil
}

func TestIncompatibleLibraryIsRefused(t *testing.T) {
	for flag, version := range map[string]string{"-DABI_MAJOR=4": "4.2", "-DABI_MINOR=0": "3.0"} {
		path := stub(t, flag)
		got := child(t, "library", "IMAGEFLOW_LIBRARY_PATH="+path)
		if !strings.Contains(got, path+" has ABI "+version+"; this package needs 3.1") {
			t.Error(got)
		}
	}
	got := child(t, "library", "IMAGEFLOW_LIBRARY_PATH="+stub(t, "-DWITHOUT_SEND"))
	if !strings.Contains(got, "lacks the function imageflow_context_send_json") {
		t.Error(got)
	}
}

func TestLibraryIsSearchedInOrder(t *testing.T) {
	path := stub(t)
	folder, file := filepath.Dir(path), filepath.Base(path)
	name := func(got string) string { return strings.TrimPrefix(strings.SplitN(got, "\n", 2)[0], "path ") }

	// The variable names a file or a folder, also relative to the working folder.
	for _, named := range []string{path, folder} {
		if got := child(t, "library", "IMAGEFLOW_LIBRARY_PATH="+named); name(got) != path {
			t.Error(got)
		}
	}
	// What it names is not replaced by something else.
	got := child(t, "library", "IMAGEFLOW_LIBRARY_PATH=/absent/imageflow", "LD_LIBRARY_PATH="+folder)
	if name(got) != "" || !strings.Contains(got, "/absent/imageflow (IMAGEFLOW_LIBRARY_PATH): ") || strings.Contains(got, "system") {
		t.Error(got)
	}

	// Beside the executable. The test program is copied there.
	program := filepath.Join(folder, "program")
	text, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(program, text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, program, "library"); name(got) != path {
		t.Error(got)
	}

	if _, err := os.Stat(filepath.Join(packageDir, "lib")); err == nil {
		t.Skip("the module has libraries, so that the system is not asked")
	}
	// The system's loader.
	variable := map[string]string{"linux": "LD_LIBRARY_PATH", "darwin": "DYLD_LIBRARY_PATH"}[runtime.GOOS]
	if got := child(t, "library", variable+"="+folder); name(got) != file {
		t.Error(got)
	}
	// Nowhere: every place is told, with the reason and the platform.
	got = child(t, "library", variable+"=")
	for _, part := range []string{filepath.Join(filepath.Dir(os.Args[0]), file) + " (beside the executable): ",
		filepath.Join(packageDir, "lib") + "/", " (in the module): ", file + " (system): ", runtime.GOOS + "/" + runtime.GOARCH,
		"Set IMAGEFLOW_LIBRARY_PATH"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in\n%s", part, got)
		}
	}
	if runtime.GOOS == "linux" && !strings.Contains(got, "libc ") && !strings.Contains(got, "musl") {
		t.Errorf("no libc in %s", got)
	}
	if strings.Count(got, "cannot open") < 3 && runtime.GOOS == "linux" {
		t.Errorf("the loader's reasons are not in\n%s", got)
	}
}
