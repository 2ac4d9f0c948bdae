//! Names of results: `{stem}-{w}x{h}.{ext}`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::inputs::Source;

const FIELDS: &[(&str, Field)] = &[
    ("stem", Field::Stem),
    ("ext", Field::Extension),
    ("dir", Field::Folder),
    ("w", Field::Width),
    ("h", Field::Height),
    ("index", Field::Index),
];

/// How results are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Stem,
    Extension,
    Folder,
    Width,
    Height,
    Index,
}

/// What a name is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) source: &'a Source,
    /// Of the input among all inputs, from 1.
    pub(super) index: usize,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) extension: &'a str,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When a brace is not closed or encloses no known field, or the name could leave the output folder.
    pub(super) fn parse(text: &str) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let Some((name, after)) = after.split_once('}') else {
                return Err(format!("--name {text}: a {{ has no }}"));
            };
            let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) else {
                let known: Vec<String> = FIELDS.iter().map(|(f, _)| format!("{{{f}}}")).collect();
                return Err(format!(
                    "--name {text}: there is no {{{name}}}; there are {}",
                    known.join(", ")
                ));
            };
            parts.push(Part::Field(*field));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let leaves = Path::new(text).is_absolute() || text.split(['/', '\\']).any(|p| p == "..");
        if parts.is_empty() || leaves {
            return Err(format!(
                "--name {text}: expected a name inside the output folder, such as {{stem}}-{{w}}.{{ext}}"
            ));
        }
        Ok(Template(parts))
    }

    /// What is used when nothing is said: as short as keeps results of one input apart.
    pub(super) fn usual(commands: usize, widths: usize) -> Template {
        use Field::{Extension, Height, Stem, Width};
        let text = |text: &str| Part::Text(text.to_owned());
        let mut parts = vec![Part::Field(Stem)];
        if widths > 0 || commands > 1 {
            parts.extend([text("-"), Part::Field(Width)]);
        }
        if commands > 1 {
            parts.extend([text("x"), Part::Field(Height)]);
        }
        parts.extend([text("."), Part::Field(Extension)]);
        Template(parts)
    }

    /// The path of a result below the output folder.
    pub(super) fn path(&self, facts: &Facts<'_>) -> PathBuf {
        // Names of files need not be text.
        let mut name = OsString::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => name.push(text),
                Part::Field(Field::Stem) => {
                    name.push(facts.source.path.file_stem().unwrap_or_default());
                }
                Part::Field(Field::Extension) => name.push(facts.extension),
                Part::Field(Field::Folder) => name.push(&facts.source.folder),
                Part::Field(Field::Width) => name.push(facts.width.to_string()),
                Part::Field(Field::Height) => name.push(facts.height.to_string()),
                Part::Field(Field::Index) => name.push(facts.index.to_string()),
            }
        }
        if self.0.contains(&Part::Field(Field::Folder)) {
            // At the top the folder has no name; what follows it must not become the root.
            let path = PathBuf::from(name);
            let below = path.strip_prefix("/").map(Path::to_owned);
            below.unwrap_or(path)
        } else {
            facts.source.folder.join(name)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn named(template: &Template, folder: &str) -> String {
        let source = Source {
            path: "in/a.b.png".into(),
            folder: folder.into(),
        };
        let facts = Facts {
            source: &source,
            index: 7,
            width: 40,
            height: 30,
            extension: "webp",
        };
        template.path(&facts).to_str().unwrap().to_owned()
    }

    #[test]
    fn fields_are_filled_in_and_folders_kept() {
        let template = |text| Template::parse(text).unwrap();
        assert_eq!(
            named(&template("{stem}-{w}x{h}.{ext}"), "x"),
            "x/a.b-40x30.webp"
        );
        assert_eq!(named(&template("{dir}/{index}.{ext}"), "x/y"), "x/y/7.webp");
        assert_eq!(named(&template("{dir}/{index}.{ext}"), ""), "7.webp");
        assert_eq!(named(&Template::usual(1, 0), ""), "a.b.webp");
        assert_eq!(named(&Template::usual(1, 3), ""), "a.b-40.webp");
        assert_eq!(named(&Template::usual(2, 0), ""), "a.b-40x30.webp");
    }

    #[test]
    fn mistakes_are_named() {
        for (text, expected) in [
            ("{stem", "has no }"),
            ("{name}.jpg", "there is no {name}; there are {stem}, {ext}"),
            ("", "expected a name"),
            ("../{stem}", "inside the output folder"),
            ("/tmp/{stem}", "inside the output folder"),
        ] {
            let message = Template::parse(text).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
