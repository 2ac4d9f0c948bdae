//! The headers in `include/` are generated from the exported functions. These tests fail when a header is out of date;
//! `IMAGEFLOW_WRITE_HEADERS=1 cargo test -p libimageflow --test headers` writes them.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cbindgen::{Builder, Config, DocumentationStyle, Language, Layout, SortKey, Style};

const SOURCES: [&str; 6] = [
    "version.rs",
    "context.rs",
    "errors.rs",
    "io.rs",
    "json.rs",
    "memory.rs",
];

/// What a header calls things.
struct Names {
    /// How pointers to the context and the response are written, without `*`.
    context: &'static str,
    response: &'static str,
    /// The enum as a parameter type, its tag, and its members.
    lifetime: &'static str,
    tag: &'static str,
    copied: &'static str,
    borrowed: &'static str,
}

const DEFAULT: Names = Names {
    context: "struct imageflow_context",
    response: "struct imageflow_json_response",
    lifetime: "enum imageflow_lifetime",
    tag: "imageflow_lifetime",
    copied: "imageflow_lifetime_lifetime_outlives_function_call",
    borrowed: "imageflow_lifetime_lifetime_outlives_context",
};

/// One header.
struct Header {
    file: &'static str,
    names: Names,
    /// `#include`, guards, version macros.
    has_preprocessor: bool,
    has_comments: bool,
    /// Lines put before the declarations.
    opening: &'static str,
    is_c: bool,
}

const UNUSED_STRUCTS: &str = "struct imageflow_job;\n\nstruct imageflow_job_io;\n";

const PINVOKE_TYPES: &str = "\
typedef signed byte int8_t;
typedef signed int int32_t;
typedef signed long long int64_t;
typedef unsigned byte uint8_t;
typedef unsigned int uint32_t;
";

fn headers() -> [Header; 6] {
    let void = || Names {
        context: "void",
        response: "void",
        ..DEFAULT
    };
    let c = |file, names| Header {
        file,
        names,
        has_preprocessor: true,
        has_comments: true,
        opening: UNUSED_STRUCTS,
        is_c: true,
    };
    [
        c("imageflow_default.h", DEFAULT),
        Header {
            has_preprocessor: false,
            ..c("imageflow_lua.h", DEFAULT)
        },
        Header {
            has_preprocessor: false,
            has_comments: false,
            opening: "",
            ..c("imageflow_short.h", void())
        },
        Header {
            opening: PINVOKE_TYPES,
            is_c: false,
            ..c(
                "imageflow_pinvoke.h",
                Names {
                    lifetime: "Lifetime",
                    tag: "Lifetime",
                    copied: "LifetimeOutlivesFunctionCall",
                    borrowed: "LifetimeOutlivesContext",
                    ..void()
                },
            )
        },
        c(
            "imageflow_SCREAMING_ENUMS.h",
            Names {
                lifetime: "enum IMAGEFLOW_LIFETIME",
                tag: "IMAGEFLOW_LIFETIME",
                copied: "IMAGEFLOW_LIFETIME_LIFETIME_OUTLIVES_FUNCTION_CALL",
                borrowed: "IMAGEFLOW_LIFETIME_LIFETIME_OUTLIVES_CONTEXT",
                ..DEFAULT
            },
        ),
        c(
            "imageflow_PrefixedPascalCase.h",
            Names {
                context: "struct ImageflowContext",
                response: "struct ImageflowJsonResponse",
                lifetime: "enum ImageflowLifetime",
                tag: "ImageflowLifetime",
                copied: "ImageflowLifetimeLifetimeOutlivesFunctionCall",
                borrowed: "ImageflowLifetimeLifetimeOutlivesContext",
            },
        ),
    ]
}

const INCLUDES: &str = "\
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
";

fn generate(header: &Header) -> String {
    let names = &header.names;
    let is_void = names.context == "void";
    let mut config = Config {
        language: Language::C,
        style: Style::Tag,
        usize_is_size_t: true,
        no_includes: true,
        ..Config::default()
    };
    config.documentation = header.has_comments;
    config.documentation_style = DocumentationStyle::C99;
    config.function.sort_by = Some(SortKey::Name);
    // Types that are renamed afterwards would spoil the alignment of lines.
    config.function.args = if is_void {
        Layout::Horizontal
    } else {
        Layout::Auto
    };
    config.line_length = 100;
    config.export.include = vec!["Lifetime".to_owned()];
    config.export.exclude = vec!["LifetimeArgument".to_owned()];
    if !header.has_preprocessor {
        config.export.exclude.extend([
            "IMAGEFLOW_ABI_VER_MAJOR".to_owned(),
            "IMAGEFLOW_ABI_VER_MINOR".to_owned(),
        ]);
    }
    if !is_void {
        let bare = |name: &str| name.rsplit(' ').next().unwrap_or(name).to_owned();
        config
            .export
            .rename
            .insert("ImageflowContext".to_owned(), bare(names.context));
        config
            .export
            .rename
            .insert("ImageflowJsonResponse".to_owned(), bare(names.response));
    }
    config
        .export
        .rename
        .insert("LifetimeArgument".to_owned(), names.lifetime.to_owned());
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let builder = SOURCES
        .iter()
        .fold(Builder::new().with_config(config), |builder, file| {
            builder.with_src(source.join(file))
        });
    let mut text = Vec::new();
    builder
        .generate()
        .expect("the sources can be read")
        .write(&mut text);
    finish(header, &String::from_utf8(text).unwrap())
}

/// What the generator has no setting for.
fn finish(header: &Header, generated: &str) -> String {
    let names = &header.names;
    let is_opaque_struct = |block: &&str| {
        block.lines().last().is_some_and(|line| {
            line.starts_with("struct ") && line.ends_with(';') && !line.contains('(')
        })
    };
    let is_void = names.context == "void";
    let blocks = generated
        .trim()
        .split("\n\n")
        .filter(|block| !(is_void && is_opaque_struct(block)));
    let text = blocks.collect::<Vec<_>>().join("\n\n");
    let text = text
        .replace("enum Lifetime {", &format!("typedef enum {} {{", names.tag))
        .replace("\n};", &format!("\n}} {};", names.tag))
        .replace("OutlivesFunctionCall", names.copied)
        .replace("OutlivesContext", names.borrowed)
        .replace("// # Safety", "// Requirements:");
    let text = if is_void {
        text.replace("struct ImageflowContext *", "void *")
            .replace("struct ImageflowJsonResponse *", "void *")
    } else {
        text
    };
    let mut parts = Vec::new();
    if header.has_preprocessor {
        parts.push("#ifndef generated_imageflow_h\n#define generated_imageflow_h\n".to_owned());
    }
    if header.has_comments {
        parts.push("// Generated from libimageflow/src; do not edit. Tutorial: the documentation of libimageflow/src/lib.rs.\n".to_owned());
    }
    if header.has_preprocessor {
        parts.push(INCLUDES.to_owned());
    }
    let (macros, declarations) = match text.rfind("#define ").map(|start| text.split_at(start)) {
        Some((before, rest)) => {
            let (define, rest) = rest.split_once('\n').unwrap();
            (format!("{before}{define}\n"), rest.trim_start().to_owned())
        }
        None => (String::new(), text),
    };
    parts.push(macros);
    parts.push(header.opening.to_owned());
    if header.has_preprocessor {
        parts.push("#ifdef __cplusplus\nextern \"C\" {\n#endif\n".to_owned());
    }
    parts.push(format!("{declarations}\n"));
    if header.has_preprocessor {
        parts.push("#ifdef __cplusplus\n}\n#endif\n".to_owned());
        parts.push("#endif /* generated_imageflow_h */\n".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn include_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../include")
}

#[test]
fn headers_are_up_to_date() {
    for header in headers() {
        let path = include_directory().join(header.file);
        let generated = generate(&header);
        if std::env::var_os("IMAGEFLOW_WRITE_HEADERS").is_some() {
            fs::write(&path, &generated).unwrap();
        }
        let present = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            present == generated,
            "{} is out of date: see the first lines of this test",
            path.display()
        );
    }
}

/// Names of the functions a header declares, in order.
fn functions(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("//") && !line.starts_with(' '));
    let heads = lines
        .filter_map(|line| line.split_once('('))
        .map(|(head, _)| head);
    heads
        .filter_map(|head| head.rsplit([' ', '*']).next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_header_declares_the_25_functions_in_order() {
    for header in headers() {
        let names = functions(&generate(&header));
        assert_eq!(names.len(), 25, "{}: {names:?}", header.file);
        assert!(
            names.is_sorted() && names.iter().all(|name| name.starts_with("imageflow_")),
            "{}: {names:?}",
            header.file
        );
    }
}

#[test]
fn headers_for_parsers_have_no_preprocessor_lines() {
    for header in headers().iter().filter(|header| !header.has_preprocessor) {
        assert!(!generate(header).contains('#'), "{}", header.file);
    }
    let short = headers()
        .into_iter()
        .find(|header| !header.has_comments)
        .unwrap();
    assert!(!generate(&short).contains("//"));
}

fn compile(compiler: &str, arguments: &[&str], source: &str) {
    let mut child = match Command::new(compiler)
        .args(arguments)
        .arg("-")
        .stdin(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(error) => {
            println!("skipped: no {compiler} ({error})");
            return;
        }
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(source.as_bytes())
        .unwrap();
    assert!(
        child.wait().unwrap().success(),
        "{compiler} {arguments:?} refuses\n{source}"
    );
}

#[test]
fn headers_compile_as_c_and_cpp() {
    // What a client writes: both spellings of the enum, the exact return types, twice included.
    for header in headers().iter().filter(|header| header.is_c) {
        let names = &header.names;
        let text = generate(header);
        let mut source = String::new();
        if header.has_preprocessor {
            source.push_str(&text);
        } else {
            source.push_str("#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
        }
        source.push_str(&text);
        if !header.has_preprocessor {
            source.push_str("#ifdef __cplusplus\n}\n#endif\n");
        }
        source.push_str(&format!(
            "{context} *make(void);\n\
             {context} *make(void) {{ return ({context} *)imageflow_context_create(3, 2); }}\n\
             const {response} *send({context} *c);\n\
             const {response} *send({context} *c) {{ return imageflow_context_send_json(c, \"v1/execute\", 0, 0); }}\n\
             bool add({context} *c, enum {tag} one, {tag} other);\n\
             bool add({context} *c, enum {tag} one, {tag} other) {{\n\
               return imageflow_context_add_input_buffer(c, 0, 0, 0, one == {copied} ? other : {borrowed});\n\
             }}\n",
            context = names.context,
            response = names.response,
            tag = names.tag,
            copied = names.copied,
            borrowed = names.borrowed,
        ));
        compile(
            "gcc",
            &[
                "-std=c11",
                "-Wall",
                "-Wextra",
                "-pedantic",
                "-Werror",
                "-fsyntax-only",
                "-xc",
            ],
            &source,
        );
        compile(
            "g++",
            &[
                "-std=c++11",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fsyntax-only",
                "-xc++",
            ],
            &source,
        );
    }
}
