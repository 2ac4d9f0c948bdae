//! `book [FOLDER]`: writes the documentation as the source of an mdBook (default: `target/book`). Pictures are made by
//! running the examples, the tables of keys and flags come from the tables the programs use.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

use imageflow_codecs::ImageFormat;
use imageflow_tests::reference::{self, Part};
use imageflow_tests::{shared, tool};

const CONFIG: &str = "[book]\ntitle = \"imageflow\"\nlanguage = \"en\"\nsrc = \"src\"\n\n\
[output.html]\nadditional-css = [\"pictures.css\"]\nno-section-label = true\n";

const STYLE: &str = "figure { margin: 0 0 1.5rem }\nfigure img { max-width: 100%; \
background: repeating-conic-gradient(#ddd 0 25%, #fff 0 50%) 0/16px 16px }\n\
.content table { margin-left: 0 }\n.table-wrapper + .table-wrapper { margin-top: 1rem }\n";

/// Chapters: the title, the page in `docs`, and whether it is below the one before.
const CHAPTERS: &[(&str, &str, bool)] = &[
    ("Querystrings", "querystring.md", false),
    ("The command line", "tool.md", false),
    ("JSON jobs", "json-api/nodes.md", false),
    ("Encoders", "json-api/encoders.md", true),
    ("Goals for encoders", "json-api/encoder-goals.md", true),
    ("Smart crops", "json-api/smart-crop.md", true),
    ("About an image", "json-api/image-info.md", true),
    ("The plan of a job", "json-api/explain.md", true),
    ("Limits", "json-api/limits.md", true),
    ("Schemas", "json-api/schema.md", true),
    ("Other languages", "bindings/README.md", false),
    ("Writing a binding", "bindings/writing-a-binding.md", true),
    ("The default JPEG encoder", "jpeg-encoder.md", false),
    ("Palettes beside pngquant", "palettes.md", false),
];

fn main() {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(|| tool::target_folder().join("book"), PathBuf::from);
    let source = folder.join("src");
    fs::create_dir_all(source.join("pictures")).unwrap();
    fs::write(folder.join("book.toml"), CONFIG).unwrap();
    fs::write(folder.join("pictures.css"), STYLE).unwrap();
    let docs = shared::checkout().join("docs");
    let mut summary = String::from("# imageflow\n\n");
    let mut count = 0;
    for (title, page, is_below) in CHAPTERS {
        let indent = if *is_below { "  " } else { "" };
        summary += &format!("{indent}- [{title}]({page})\n");
        let mut markdown = fs::read_to_string(docs.join(page)).unwrap();
        if *page == "tool.md" {
            markdown += &flags();
        }
        let target = source.join(page);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let up = "../".repeat(Path::new(page).components().count() - 1);
        fs::write(target, rendered(page, &up, &markdown, &source, &mut count)).unwrap();
    }
    fs::write(source.join("SUMMARY.md"), summary).unwrap();
    println!(
        "book: {} pages, {count} pictures in {}",
        CHAPTERS.len(),
        folder.display()
    );
}

/// The commands and flags as the program itself lists them.
fn flags() -> String {
    let output = tool::run(["man", "--markdown"]);
    assert!(
        output.status.success(),
        "imageflow_tool man --markdown failed"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A page with its examples run and its tables filled in. `up` leads to the top of the book.
fn rendered(page: &str, up: &str, markdown: &str, source: &Path, count: &mut usize) -> String {
    let mut out = String::new();
    for part in reference::parts(markdown) {
        match part {
            Part::Text(text) => out += &text,
            Part::Keys(names) => {
                let table = reference::table(&names).unwrap_or_else(|e| panic!("{page}: {e}"));
                out += &format!("{table}\n");
            }
            Part::Example(example) => {
                let file = reference::run(&example)
                    .unwrap_or_else(|e| panic!("{page}: {}{e}", example.body));
                let extension = ImageFormat::sniff(&file).unwrap().extension();
                *count += 1;
                let picture = format!("pictures/{count}.{extension}");
                fs::write(source.join(&picture), &file).unwrap();
                out += &format!(
                    "```{}\n{}```\n\n<figure><img src=\"{up}{picture}\" alt=\"what the example makes\"></figure>\n\n",
                    example.language, example.body
                );
            }
        }
    }
    out
}
