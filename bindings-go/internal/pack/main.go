// Pack makes the module as it is published: the sources with libraries in lib/<platform>/. It writes a folder that
// GOPROXY=file://… reads.
//
//	go run ./internal/pack -version v1.0.0 -out dist linux_amd64=…/libimageflow.so linux_arm64=…/libimageflow.so
//
// A platform is GOOS_GOARCH, with _musl behind it for Alpine and the like. Several files per platform are several arguments.
package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const module = "github.com/imazen/imageflow-go"

func main() {
	version := flag.String("version", "", "of the module, such as v1.0.0")
	out := flag.String("out", "dist", "the folder to write to")
	flag.Parse()
	if err := pack(*version, *out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(version, out string, libraries []string) error {
	// A module without a /v2 in its path has major version 0 or 1.
	if !regexp.MustCompile(`^v[01]\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString(version) {
		return fmt.Errorf("-version %q is not v0.x.y or v1.x.y", version)
	}
	if len(libraries) == 0 {
		return errors.New("no library given: add PLATFORM=FILE")
	}
	folder := filepath.Join(out, filepath.FromSlash(module), "@v")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := writeZip(filepath.Join(folder, version+".zip"), module+"@"+version, libraries); err != nil {
		return err
	}
	goMod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{version + ".mod": goMod, version + ".info": info, "list": []byte(version + "\n")} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func writeZip(name, root string, libraries []string) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	archive := zip.NewWriter(file)
	defer func() { err = errors.Join(err, archive.Close()) }()

	err = filepath.WalkDir(".", func(source string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := source != "." && strings.HasPrefix(entry.Name(), ".")
		if entry.IsDir() && (hidden || source == "lib" || source == "dist") {
			return filepath.SkipDir
		}
		if hidden || !entry.Type().IsRegular() {
			return nil
		}
		return add(archive, path.Join(root, filepath.ToSlash(source)), source)
	})
	if err != nil {
		return err
	}
	for _, library := range libraries {
		platform, source, ok := strings.Cut(library, "=")
		if !ok || !regexp.MustCompile(`^[a-z]+_[a-z0-9]+(_musl)?$`).MatchString(platform) {
			return fmt.Errorf("%q is not PLATFORM=FILE, such as linux_amd64=libimageflow.so", library)
		}
		if err := add(archive, path.Join(root, "lib", platform, filepath.Base(source)), source); err != nil {
			return err
		}
	}
	return nil
}

func add(archive *zip.Writer, name, source string) error {
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := archive.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return err
}
