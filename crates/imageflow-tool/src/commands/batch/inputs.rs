//! Which files a batch works on.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use imageflow_codecs::ImageFormat;

use super::Batch;

/// An input of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    /// The folder of its results, below the output folder.
    pub(super) folder: PathBuf,
}

/// Finds all inputs, each once, in the order they are named; folders and patterns in the order of names.
///
/// # Errors
/// A pattern or folder that cannot be read, or that gives nothing.
pub(super) fn collect(flags: &Batch) -> Result<Vec<Source>, String> {
    let mut named: Vec<OsString> = flags.inputs.clone();
    named.extend(flags.more_inputs.iter().cloned());
    if let Some(list) = &flags.files_from {
        named.extend(listed(list, flags.null)?);
    }
    let mut sources = Vec::new();
    for input in &named {
        find(input, flags.recursive, &mut sources)?;
    }
    // Results of an earlier run are no inputs of the next.
    let results = fs::canonicalize(&flags.out_dir).ok();
    let mut seen = HashSet::new();
    sources.retain(|source| {
        let real = fs::canonicalize(&source.path).unwrap_or_else(|_| source.path.clone());
        let is_result = results.as_ref().is_some_and(|folder| {
            real.starts_with(folder) && !source.path.starts_with(&flags.out_dir)
        });
        !is_result && seen.insert(real)
    });
    Ok(sources)
}

fn listed(list: &OsStr, null: bool) -> Result<Vec<OsString>, String> {
    let mut bytes = Vec::new();
    let read = if list == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        fs::read(list).map(|read| bytes = read)
    };
    read.map_err(|e| format!("cannot read the list {}: {e}", list.display()))?;
    let end = if null { 0 } else { b'\n' };
    let lines = bytes.split(|b| *b == end);
    let names = lines
        .map(|line| match line {
            [line @ .., b'\r'] if !null => line,
            line => line,
        })
        .filter(|line| !line.is_empty())
        .map(name);
    names.collect()
}

#[cfg(unix)]
fn name(bytes: &[u8]) -> Result<OsString, String> {
    use std::os::unix::ffi::OsStrExt;
    Ok(OsStr::from_bytes(bytes).to_owned())
}

#[cfg(not(unix))]
fn name(bytes: &[u8]) -> Result<OsString, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err("the list of inputs is not valid UTF-8".to_owned()),
    }
}

fn find(input: &OsStr, recursive: bool, sources: &mut Vec<Source>) -> Result<(), String> {
    let path = Path::new(input);
    if path.is_dir() {
        return find_in(path, recursive, sources);
    }
    let pattern = input.to_str().filter(|text| text.contains(['*', '?', '[']));
    match pattern {
        Some(pattern) if !path.exists() => find_matching(pattern, sources),
        // One that does not exist is reported as its own failure.
        _ => {
            sources.push(Source {
                path: path.to_owned(),
                folder: PathBuf::new(),
            });
            Ok(())
        }
    }
}

fn find_in(folder: &Path, recursive: bool, sources: &mut Vec<Source>) -> Result<(), String> {
    let depth = if recursive { usize::MAX } else { 1 };
    let entries = walkdir::WalkDir::new(folder)
        .min_depth(1)
        .max_depth(depth)
        .follow_links(true)
        .sort_by_file_name();
    let is_hidden = |entry: &walkdir::DirEntry| {
        entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    for entry in entries.into_iter().filter_entry(|entry| !is_hidden(entry)) {
        let entry = entry.map_err(|e| format!("cannot look into {}: {e}", folder.display()))?;
        let path = entry.path();
        // A file that is named is taken whatever it is called.
        let format = path.extension().and_then(ImageFormat::of_extension);
        let is_image = format.is_some_and(ImageFormat::can_decode);
        if entry.file_type().is_file() && is_image {
            sources.push(below(folder, path));
        }
    }
    Ok(())
}

fn find_matching(pattern: &str, sources: &mut Vec<Source>) -> Result<(), String> {
    let paths = glob::glob(pattern)
        .map_err(|e| format!("the pattern {pattern} cannot be understood: {e}"))?;
    let base = fixed_part(pattern);
    let before = sources.len();
    let mut found = unnamed_matches(pattern, &base);
    for path in paths {
        found.push(path.map_err(|e| format!("cannot look for {pattern}: {e}"))?);
    }
    found.sort();
    let files = found.iter().filter(|path| path.is_file());
    sources.extend(files.map(|path| below(&base, path)));
    if sources.len() == before {
        return Err(format!("no file matches {pattern}"));
    }
    Ok(())
}

/// Matches whose names are not UTF-8, which `glob` passes over. What is no text in them counts as a character each.
fn unnamed_matches(pattern: &str, base: &Path) -> Vec<PathBuf> {
    let Ok(matcher) = glob::Pattern::new(pattern) else {
        return Vec::new();
    };
    let parts = |path: &Path| path.components().count();
    let depth = if pattern.contains("**") {
        usize::MAX
    } else {
        parts(Path::new(pattern)).saturating_sub(parts(base))
    };
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::default()
    };
    let root = if base.as_os_str().is_empty() {
        Path::new(".")
    } else {
        base
    };
    let entries = walkdir::WalkDir::new(root)
        .min_depth(1)
        .max_depth(depth)
        .follow_links(true);
    // What cannot be looked into is glob's to report.
    let paths = entries.into_iter().flatten().map(|entry| {
        let path = entry.into_path();
        path.strip_prefix("./").map(Path::to_owned).unwrap_or(path)
    });
    paths
        .filter(|path| {
            path.to_str().is_none() && matcher.matches_with(&path.to_string_lossy(), options)
        })
        .collect()
}

/// The folders before the first one that a pattern leaves open.
fn fixed_part(pattern: &str) -> PathBuf {
    let is_open = |part: &Component<'_>| {
        let text = part.as_os_str().to_string_lossy();
        text.contains(['*', '?', '['])
    };
    Path::new(pattern)
        .components()
        .take_while(|part| !is_open(part))
        .collect()
}

/// A file found below a folder: its results go to the same place below the output folder.
fn below(base: &Path, path: &Path) -> Source {
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = folder.strip_prefix(base).unwrap_or(Path::new(""));
    Source {
        path: path.to_owned(),
        folder: folder.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_part_of_a_pattern_is_not_mirrored() {
        assert_eq!(fixed_part("a/b/*.jpg"), Path::new("a/b"));
        assert_eq!(fixed_part("a/*/c/*.jpg"), Path::new("a"));
        assert_eq!(fixed_part("*.jpg"), Path::new(""));
        let source = below(&fixed_part("a/**/*.jpg"), Path::new("a/x/y/z.jpg"));
        assert_eq!(source.folder, Path::new("x/y"));
    }
}
