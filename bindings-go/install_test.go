package imageflow_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/imazen/imageflow-go"
)

// consumer is an empty folder with the program of README.md.
type consumer struct {
	t           *testing.T
	folder      string
	environment []string
}

func (c *consumer) run(name string, arguments ...string) {
	c.t.Helper()
	command := exec.Command(name, arguments...)
	command.Dir = c.folder
	command.Env = append(os.Environ(), c.environment...)
	if output, err := command.CombinedOutput(); err != nil {
		c.t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, output)
	}
}

// ship runs the program as a user would who only has these files: in an empty folder, with an empty environment, so that no
// compiler is found.
func (c *consumer) ship(environment []string, files ...string) {
	c.t.Helper()
	folder := c.t.TempDir()
	for _, file := range append(files, "in.jpg") {
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, filepath.Base(file)), text, 0o755)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	command := exec.Command(filepath.Join(folder, filepath.Base(files[0])))
	command.Dir, command.Env = folder, append([]string{"PATH="}, environment...)
	if output, err := command.CombinedOutput(); err != nil {
		c.t.Fatalf("%v\n%s", err, output)
	}
	expectThumbnail(c.t, filepath.Join(folder, "thumbnail.webp"))
}

// The module is packed with the library, and got from there by a new module: no network, no other copy of the library.
func TestInstall(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	library, err := imageflow.Library()
	if err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(t.TempDir(), "dist")
	pack := exec.Command("go", "run", "./internal/pack", "-version", "v1.2.3", "-out", packed,
		runtime.GOOS+"_"+runtime.GOARCH+"="+library)
	pack.Dir = packageDir
	if output, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}

	user := consumer{t, t.TempDir(), []string{"GOPROXY=file://" + packed, "GOSUMDB=off", "GOFLAGS=-modcacherw", "GOWORK=off",
		"GOMODCACHE=" + t.TempDir(), "IMAGEFLOW_LIBRARY_PATH="}}
	program := filepath.Join(user.folder, "app")
	source := blocks(t, readme(), "go")[0]
	if err := os.WriteFile(filepath.Join(user.folder, "main.go"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	user.run("go", "mod", "init", "example.org/app")
	user.run("go", "get", "github.com/imazen/imageflow-go")
	user.run("go", "build", "-o", program)
	t.Run("with the module's library", func(t *testing.T) { user.ship(nil, program) })

	user.run("go", "build", "-trimpath", "-o", program)
	t.Run("with the library beside it", func(t *testing.T) { user.ship(nil, program, library) })
	t.Run("with the library named", func(t *testing.T) {
		user.ship([]string{"IMAGEFLOW_LIBRARY_PATH=" + library}, program)
	})

	user.environment = append(user.environment, "CGO_LDFLAGS=-L"+filepath.Dir(library))
	user.run("go", "build", "-tags", "imageflow_dynamic", "-o", program)
	t.Run("linked as by the 2.x client", func(t *testing.T) {
		user.ship([]string{"LD_LIBRARY_PATH=" + filepath.Dir(library)}, program)
	})
}

// The program of README.md with the archive that cargo builds in it: nothing but the file is needed, no library is looked for.
func TestStaticArchive(t *testing.T) {
	archive := os.Getenv("IMAGEFLOW_STATIC_LIBRARY_PATH")
	if testing.Short() || archive == "" {
		t.Skip("builds a program, with the libimageflow.a that IMAGEFLOW_STATIC_LIBRARY_PATH names")
	}
	user := consumer{t, t.TempDir(), []string{"CGO_LDFLAGS=-L" + filepath.Dir(archive), "GOWORK=off"}}
	source := blocks(t, readme(), "go")[0]
	if err := os.WriteFile(filepath.Join(user.folder, "main.go"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	user.run("go", "mod", "init", "example.org/app")
	user.run("go", "mod", "edit", "-require=github.com/imazen/imageflow-go@v0.0.0",
		"-replace=github.com/imazen/imageflow-go="+packageDir)
	program := filepath.Join(user.folder, "app")
	user.run("go", "build", "-tags", "imageflow_static", "-o", program)
	user.ship([]string{"IMAGEFLOW_LIBRARY_PATH=/absent"}, program)
	needed, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer needed.Close()
	libraries, err := needed.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range libraries {
		if strings.Contains(name, "imageflow") || strings.Contains(name, "stdc++") {
			t.Errorf("the program needs %s", name)
		}
	}
}

// How the linked library is used, apart from what is in it: a stub that does nothing takes its place.
func TestStaticLink(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds programs, with the linker of Linux")
	}
	folder := t.TempDir()
	user := consumer{t, folder, []string{"CGO_LDFLAGS=-L" + folder}}
	user.run("cc", "-c", "-I", packageDir, "-o", "stub.o", filepath.Join(packageDir, "testdata", "stub.c"))
	user.run("ar", "rc", "libimageflow.a", "stub.o")
	user.folder = packageDir
	tests := filepath.Join(folder, "tests")
	user.run("go", "test", "-c", "-tags", "imageflow_static", "-o", tests)
	got := run(t, tests, "no copy", "IMAGEFLOW_GO_TEST_TAKE=1", "IMAGEFLOW_LIBRARY_PATH=/absent")
	if got != "passed\n" {
		t.Error(got)
	}
	if got := run(t, tests, "library", "IMAGEFLOW_LIBRARY_PATH=/absent"); got != "path \n" {
		t.Error(got)
	}
}
