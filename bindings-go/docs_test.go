package imageflow_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/imazen/imageflow-go"
)

// blocks are the code blocks of a language in a Markdown file.
func blocks(t *testing.T, file, language string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
	}
	if len(found) == 0 {
		t.Fatalf("no %s in %s", language, file)
	}
	return found
}

func readme() string { return filepath.Join(packageDir, "README.md") }

// Every snippet is the body of an example, which is run, or a program, which TestInstall runs.
func TestReadme(t *testing.T) {
	examples, err := os.ReadFile(filepath.Join(packageDir, "example_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	for _, block := range blocks(t, readme(), "go") {
		if !strings.HasPrefix(block, "package main") && !strings.Contains(words(string(examples)), words(block)) {
			t.Errorf("not in example_test.go:\n%s", block)
		}
	}
}

// The C program of the guide for other bindings, compiled against the header and run.
func TestGuideProgram(t *testing.T) {
	root := repository(t)
	guide := filepath.Join(root, "docs", "bindings", "writing-a-binding.md")
	programs := blocks(t, guide, "c")
	overview := filepath.Join(root, "docs", "bindings", "README.md")
	if got := blocks(t, overview, "c")[0]; !strings.Contains(programs[0], got) {
		t.Errorf("the C of %s is not a part of that of %s", overview, guide)
	}
	if got := blocks(t, overview, "go")[0]; got != blocks(t, readme(), "go")[0] {
		t.Errorf("the Go of %s is not that of README.md", overview)
	}
	library, err := imageflow.Library()
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(t.TempDir(), "thumbnail.c")
	if err := os.WriteFile(source, []byte(programs[0]), 0o644); err != nil {
		t.Fatal(err)
	}
	program := strings.TrimSuffix(source, ".c")
	if output, err := exec.Command("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", filepath.Join(root, "include"), source,
		"-o", program, library, "-Wl,-rpath,"+filepath.Dir(library)).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	thumbnail := filepath.Join(t.TempDir(), "thumbnail.webp")
	if output, err := exec.Command(program, "in.jpg", thumbnail).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	expectThumbnail(t, thumbnail)
	if err := os.WriteFile("text.jpg", []byte("not an image"), 0o644); err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(program, "text.jpg", thumbnail).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "NoEnabledDecoderFound") {
		t.Errorf("%v\n%s", err, output)
	}
}

// The quickstarts of other languages that need no build, where their bindings and what these need are installed.
func TestScriptsOfTheOverview(t *testing.T) {
	root := repository(t)
	library, err := imageflow.Library()
	if err != nil {
		t.Fatal(err)
	}
	photo, err := os.ReadFile("in.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []struct{ name, program, flag, load, variable, sources string }{
		{"python", "python3", "-c", "import imageflow._abi", "PYTHONPATH", "bindings-python/src"},
		{"ruby", "ruby", "-e", "require 'imageflow'", "RUBYLIB", "bindings-ruby/lib"},
	} {
		t.Run(language.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "in.jpg"), photo, 0o644); err != nil {
				t.Fatal(err)
			}
			run := func(script string) ([]byte, error) {
				command := exec.Command(language.program, language.flag, script)
				command.Dir = folder
				command.Env = append(os.Environ(), "IMAGEFLOW_LIBRARY_PATH="+library,
					language.variable+"="+filepath.Join(root, filepath.FromSlash(language.sources)))
				return command.CombinedOutput()
			}
			script := blocks(t, filepath.Join(root, "docs", "bindings", "README.md"), language.name)[0]
			if output, err := run(language.load); err != nil {
				t.Skipf("the binding does not load: %v\n%s", err, output)
			}
			if output, err := run(script); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			expectThumbnail(t, filepath.Join(folder, "thumbnail.webp"))
		})
	}
}

func expectThumbnail(t *testing.T, file string) {
	t.Helper()
	if got := describe(file); got != "400×300 image/webp" {
		t.Errorf("%s is %s", file, got)
	}
}

func describe(file string) string {
	result, err := start().Decode(imageflow.NewFile(file)).ExecuteRaw(context.Background())
	if err != nil {
		return err.Error()
	}
	defer result.Close()
	return fmt.Sprintf("%d×%d %s", result.Inputs[0].Width, result.Inputs[0].Height, result.Inputs[0].MimeType)
}
