//! `reference [FOLDER]`: renders `docs/json-api` to HTML, with the picture of every example made by running it
//! (default: `target/reference`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use imageflow_codecs::ImageFormat;
use imageflow_tests::reference::{self, Part};
use imageflow_tests::{shared, tool};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#222}\
pre{background:#f4f4f2;padding:.7rem;overflow-x:auto;border-radius:4px}code{background:#f4f4f2}\
figure{margin:0 0 1.5rem}img{max-width:100%;background:repeating-conic-gradient(#ddd 0 25%,#fff 0 50%) 0/16px 16px}\
table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:left;vertical-align:top}\
nav a{margin-right:1rem}";

fn main() {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(|| tool::target_folder().join("reference"), PathBuf::from);
    fs::create_dir_all(folder.join("pictures")).unwrap();
    let mut pages: Vec<PathBuf> = fs::read_dir(shared::checkout().join("docs/json-api"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    pages.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let nav: String = pages
        .iter()
        .map(|path| format!("<a href=\"{0}.html\">{0}</a>", name(path)))
        .collect();
    let mut count = 0;
    for path in &pages {
        let mut markdown = String::new();
        for part in reference::parts(&fs::read_to_string(path).unwrap()) {
            match part {
                Part::Text(text) => markdown += &text,
                Part::Example(words, example) => {
                    let file = reference::run(&words, &example)
                        .unwrap_or_else(|e| panic!("{}: {example}{e}", path.display()));
                    let extension = ImageFormat::sniff(&file).unwrap().extension();
                    count += 1;
                    let picture = format!("pictures/{}-{count}.{extension}", name(path));
                    fs::write(folder.join(&picture), &file).unwrap();
                    let _ = write!(
                        markdown,
                        "```json\n{example}```\n\n<figure><img src=\"{picture}\" alt=\"what the example makes\"></figure>\n\n"
                    );
                }
            }
        }
        let mut options = pulldown_cmark::Options::empty();
        options.insert(pulldown_cmark::Options::ENABLE_TABLES);
        let mut body = String::new();
        pulldown_cmark::html::push_html(
            &mut body,
            pulldown_cmark::Parser::new_ext(&markdown, options),
        );
        // Links between pages are written for the Markdown files.
        let body = body.replace(".md\"", ".html\"").replace(".md#", ".html#");
        let html = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>{0}: imageflow JSON reference</title><style>{STYLE}</style><nav>{nav}</nav>{body}</html>\n",
            name(path)
        );
        fs::write(folder.join(format!("{}.html", name(path))), html).unwrap();
    }
    println!(
        "reference: {} pages, {count} pictures in {}",
        pages.len(),
        folder.display()
    );
}
