//! The JSON reference: every example runs, every node has one with a picture.

use std::fs;

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

#[test]
fn every_example_runs_and_every_node_has_a_picture() {
    let folder = shared::checkout().join("docs/json-api");
    let mut pictured = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "md") {
            continue;
        }
        let mut heading = String::new();
        for part in reference::parts(&fs::read_to_string(&path).unwrap()) {
            match part {
                Part::Text(text) => {
                    if let Some(line) = text.lines().rfind(|l| l.starts_with("## ")) {
                        heading = line[3..].to_owned();
                    }
                }
                Part::Example(words, example) => {
                    let file = reference::run(&words, &example);
                    let file = file.unwrap_or_else(|e| panic!("{}: {example}{e}", path.display()));
                    Picture::decode(&file)
                        .unwrap_or_else(|e| panic!("{}: {example}{e}", path.display()));
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
