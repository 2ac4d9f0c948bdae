//! The JSON reference: every example runs, every node has one with a picture.

use std::fs;
use std::path::PathBuf;

use imageflow_tests::reference::{self, Part};
use imageflow_tests::{Picture, shared};

/// The names of all nodes, as the engine lists them when it meets one it does not know.
fn node_names() -> Vec<String> {
    let mut context = imageflow_core::Context::new();
    let response = context.send_json("v1/execute", br#"{"framewise":{"steps":[{"x":0}]}}"#);
    let message: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    let message = message["message"].as_str().unwrap();
    let names = message.split_once("expected one of ").unwrap().1;
    let names: Vec<String> = names
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert!(names.len() >= 27, "{names:?}");
    names
}

/// Every page with examples: its name and its parts.
fn pages() -> Vec<(PathBuf, Vec<Part>)> {
    let docs = shared::checkout().join("docs");
    let mut paths = vec![docs.join("querystring.md")];
    paths.extend(
        fs::read_dir(docs.join("json-api"))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    paths.retain(|path| path.extension().is_some_and(|e| e == "md"));
    let parts = |path: &PathBuf| reference::parts(&fs::read_to_string(path).unwrap());
    paths
        .into_iter()
        .map(|path| (path.clone(), parts(&path)))
        .collect()
}

#[test]
fn every_key_is_in_one_table() {
    let mut listed: Vec<String> = Vec::new();
    for (_, parts) in pages() {
        for part in parts {
            if let Part::Keys(names) = part {
                reference::table(&names).unwrap();
                listed.extend(names);
            }
        }
    }
    listed.sort();
    let mut keys: Vec<String> = imageflow_querystring::keys::all()
        .map(|k| k.name.to_owned())
        .collect();
    keys.sort();
    assert_eq!(listed, keys);
}

#[test]
fn every_example_runs_and_every_node_has_a_picture() {
    let mut pictured = Vec::new();
    for (path, parts) in pages() {
        let mut heading = String::new();
        for part in parts {
            match part {
                Part::Text(text) => {
                    if let Some(line) = text.lines().rfind(|l| l.starts_with("## ")) {
                        heading = line[3..].to_owned();
                    }
                }
                Part::Keys(_) => {}
                Part::Example(example) => {
                    let body = &example.body;
                    let file = reference::run(&example);
                    if cfg!(not(feature = "native"))
                        && matches!(&file, Err(e) if e.contains("CodecDisabledError"))
                    {
                        // The pages show what the default build writes; another one refuses clearly.
                        pictured.push(heading.clone());
                        continue;
                    }
                    let file = file.unwrap_or_else(|e| panic!("{}: {body}{e}", path.display()));
                    Picture::decode(&file)
                        .unwrap_or_else(|e| panic!("{}: {body}{e}", path.display()));
                    pictured.push(heading.clone());
                }
            }
        }
    }
    for name in node_names() {
        assert!(
            pictured.contains(&format!("`{name}`")),
            "docs/json-api has no section `{name}` with a picture"
        );
    }
}
