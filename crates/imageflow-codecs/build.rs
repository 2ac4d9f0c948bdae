//! Build checks and glue for the native codecs.
//!
//! * `mozjpeg` on x86: without nasm, mozjpeg-sys silently builds a codec without SIMD, 3–6 times slower. Fail instead.
//! * `mozjpeg`: compiles the look into its entropy decoder, with its own headers.
//! * `jpegli`: compiles the shim that keeps C++ exceptions inside C++, and makes the linker take the static C++ runtime.
//! * `libjxl`: compiles libjxl under names that do not meet those of jpegli, and links the static C++ runtime too.
//!
//! Sets `cfg(jpegli)` where the feature is on and the target is one jpegli-rust supports.

use std::env;
use std::process::Command;

fn main() {
    #[cfg(feature = "libjxl")]
    if libjxl::is_child() {
        return jpegxl_src::build();
    }
    println!("cargo::rustc-check-cfg=cfg(jpegli)");
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_MOZJPEG").is_some() {
        require_nasm();
        #[cfg(feature = "mozjpeg")]
        entropy_view();
    }
    #[cfg(feature = "jpegli")]
    jpegli::build();
    #[cfg(feature = "libjxl")]
    libjxl::build();
}

/// Fails the build, in one line, when the x86 assembler is missing.
fn require_nasm() {
    println!("cargo::rerun-if-env-changed=NASM");
    println!("cargo::rerun-if-env-changed=PATH");
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    if arch != "x86_64" && arch != "x86" {
        return;
    }
    let nasm = env::var_os("NASM").unwrap_or_else(|| "nasm".into());
    if !Command::new(&nasm)
        .arg("-v")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        println!(
            "cargo::error=the feature `mozjpeg` needs the assembler nasm on x86, or JPEG would run without SIMD: install the package `nasm`, \
             or build with --no-default-features --features portable"
        );
    }
}

/// Compiles `native/mozjpeg_entropy.c` with the headers that mozjpeg-sys was built with.
#[cfg(feature = "mozjpeg")]
fn entropy_view() {
    const VIEW: &str = "native/mozjpeg_entropy.c";
    println!("cargo::rerun-if-changed={VIEW}");
    let headers = env::var_os("DEP_JPEG_INCLUDE").unwrap_or_default();
    cc::Build::new()
        .includes(env::split_paths(&headers))
        .file(VIEW)
        .compile("imageflow_mozjpeg_entropy");
}

#[cfg(feature = "jpegli")]
mod jpegli {
    use std::env;

    const SHIM: &str = "native/jpegli_shim.cc";

    pub(super) fn build() {
        let os = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
        let linux = os == "linux" && env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu");
        if !linux && os != "macos" {
            println!(
                "cargo::warning=jpegli is not available for this target; the best JPEG style uses mozjpeg's trellis quantisation"
            );
            return;
        }
        println!("cargo::rustc-cfg=jpegli");
        println!("cargo::rerun-if-changed={SHIM}");
        let mut shim = cc::Build::new();
        // The runtime is named by jpegli-rust; `fexceptions` only states what the shim relies on.
        shim.cpp(true)
            .cpp_link_stdlib(None)
            .std("c++17")
            .flag("-fexceptions")
            .file(SHIM);
        shim.compile("imageflow_jpegli_shim");
        if linux {
            super::cpp_runtime::link_static(&shim);
        }
    }
}

#[cfg(any(feature = "jpegli", feature = "libjxl"))]
mod cpp_runtime {
    use std::env;
    use std::path::{Path, PathBuf};

    /// The libraries ask the linker for `stdc++`. A search path that holds only the archive makes that the static library,
    /// so no binary depends on libstdc++.so (which would also raise the glibc it needs).
    pub(super) fn link_static(cpp: &cc::Build) {
        const ARCHIVE: &str = "libstdc++.a";
        let query = cpp
            .get_compiler()
            .to_command()
            .arg(format!("-print-file-name={ARCHIVE}"))
            .output();
        // The compiler echoes the bare name when it has no such file.
        let archive = query
            .ok()
            .and_then(|output| String::from_utf8(output.stdout).ok())
            .map(|text| PathBuf::from(text.trim()));
        let Some(archive) = archive.filter(|path| path.is_absolute() && path.exists()) else {
            println!(
                "cargo::error=the features `jpegli` and `libjxl` need the static C++ runtime {ARCHIVE}: install the package `libstdc++-dev` (Debian) or `libstdc++-static` (Fedora)"
            );
            return;
        };
        let folder = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("static-runtime");
        let copied = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::copy(&archive, folder.join(ARCHIVE)));
        match copied {
            Ok(_) => println!("cargo::rustc-link-search=native={}", folder.display()),
            Err(error) => println!("cargo::error=cannot copy {}: {error}", archive.display()),
        }
    }
}

#[cfg(feature = "libjxl")]
mod libjxl {
    use std::env;
    use std::process::Command;

    /// Set in the process that compiles.
    const CHILD: &str = "IMAGEFLOW_COMPILES_LIBJXL";

    pub(super) fn is_child() -> bool {
        env::var_os(CHILD).is_some()
    }

    /// libjxl and jpegli bring different versions of the library highway. Two of them in one binary would be linked into one
    /// and call functions of the wrong version, so libjxl's gets another namespace. The only way to hand a compiler flag to
    /// `jpegxl_src` is the environment, and the only safe way to change that is a process of its own.
    pub(super) fn build() {
        let mut flags = env::var("CXXFLAGS").unwrap_or_default();
        flags.push_str(" -Dhwy=jxl_hwy");
        let outcome = env::current_exe().and_then(|program| {
            Command::new(program)
                .env(CHILD, "1")
                .env("CXXFLAGS", flags)
                .status()
        });
        if !outcome.is_ok_and(|status| status.success()) {
            println!(
                "cargo::error=the feature `libjxl` could not be built: it needs cmake and a C++17 compiler"
            );
            return;
        }
        if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
            super::cpp_runtime::link_static(cc::Build::new().cpp(true));
        }
    }
}
