//! Build checks and glue for the native JPEG codecs.
//!
//! * `mozjpeg` on x86: without nasm, mozjpeg-sys silently builds a codec without SIMD, 3–6 times slower. Fail instead.
//! * `jpegli`: compiles the shim that keeps C++ exceptions inside C++, and makes the linker take the static C++ runtime.
//!
//! Sets `cfg(jpegli)` where the feature is on and the target is one jpegli-rust supports.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(jpegli)");
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_MOZJPEG").is_some() {
        require_nasm();
    }
    #[cfg(feature = "jpegli")]
    jpegli::build();
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

#[cfg(feature = "jpegli")]
mod jpegli {
    use std::env;
    use std::path::{Path, PathBuf};

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
            link_static_runtime(&shim);
        }
    }

    /// jpegli-rust asks the linker for `stdc++`. A search path that holds only the archive makes that the static library,
    /// so no binary depends on libstdc++.so (which would also raise the glibc it needs).
    fn link_static_runtime(shim: &cc::Build) {
        const ARCHIVE: &str = "libstdc++.a";
        let query = shim
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
                "cargo::error=the feature `jpegli` needs the static C++ runtime {ARCHIVE}: install the package `libstdc++-dev` (Debian) or `libstdc++-static` (Fedora)"
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
