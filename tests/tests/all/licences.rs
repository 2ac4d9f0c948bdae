//! Every dependency of every feature is under a licence that `deny.toml` allows, and none under the GPL is in a build that did
//! not ask for it. (cargo-deny checks more; this needs nothing but cargo.)

use std::collections::BTreeMap;
use std::process::Command;

use imageflow_tests::shared;
use serde_json::Value;

#[test]
fn every_dependency_has_an_allowed_licence() {
    let policy = Policy::read();
    let exceptions = &policy.exceptions;
    let problems = problems(&policy, exceptions, &packages(&["--all-features"]));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What a build without the feature `imagequant` brings may be used under a permissive licence.
#[test]
fn no_gpl_comes_without_being_asked_for() {
    let policy = Policy::read();
    let mut exceptions = policy.exceptions.clone();
    exceptions.retain(|_, allowed| !allowed.iter().any(|id| id.contains("GPL")));
    let found = |features: &[&str]| problems(&policy, &exceptions, &packages(features));
    for features in [
        &[][..],
        &[
            "--no-default-features",
            "--features",
            "libimageflow/permissive",
        ],
        &[
            "--no-default-features",
            "--features",
            "libimageflow/portable",
        ],
        &["--features", "libimageflow/svg"],
        &["--features", "libimageflow/libjxl"],
    ] {
        assert_eq!(found(features), Vec::<String>::new(), "{features:?}");
    }
    let asked = found(&["--features", "libimageflow/imagequant"]);
    assert!(
        asked.len() == 1 && asked[0].starts_with("imagequant "),
        "{asked:?}"
    );
}

/// Packages whose licence is neither allowed to all nor an exception of theirs.
fn problems(
    policy: &Policy,
    exceptions: &BTreeMap<String, Vec<String>>,
    packages: &[Value],
) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        if package["source"].is_null() {
            continue;
        }
        if policy.banned.iter().any(|banned| banned == name) {
            problems.push(format!("{name} is on the list of banned crates"));
        }
        let licence = match (
            package["license"].as_str(),
            package["license_file"].as_str(),
        ) {
            (Some(expression), _) => expression.to_owned(),
            (None, Some(file)) => policy
                .clarified
                .get(name)
                .cloned()
                .unwrap_or(format!("a file, {file}")),
            (None, None) => "no licence".to_owned(),
        };
        let extra = exceptions.get(name).map(Vec::as_slice).unwrap_or_default();
        if !allowed(&licence, &|id| {
            policy.allow.iter().chain(extra).any(|ok| ok == id)
        }) {
            problems.push(format!(
                "{name} {} is under {licence:?}",
                package["version"]
            ));
        }
    }
    problems
}

/// Packages of the graph that features of the command line make.
fn packages(features: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(features)
        .current_dir(shared::checkout())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().clone();
    assert!(packages.len() > 20);
    packages
}

/// The parts of `deny.toml` that are read here, in the shape that file has.
struct Policy {
    allow: Vec<String>,
    exceptions: BTreeMap<String, Vec<String>>,
    clarified: BTreeMap<String, String>,
    banned: Vec<String>,
}

impl Policy {
    fn read() -> Policy {
        let text = std::fs::read_to_string(shared::checkout().join("deny.toml")).unwrap();
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        let text = lines.collect::<Vec<_>>().join("\n");
        let list = |name: &str| {
            let start = text
                .find(&format!("\n{name} = ["))
                .unwrap_or_else(|| panic!("deny.toml has no {name}"));
            text[start..].split("\n]").next().unwrap().to_owned()
        };
        let exceptions = list("exceptions");
        let exceptions = exceptions
            .lines()
            .filter(|line| line.contains("crate ="))
            .map(|line| {
                let mut words = quoted(line).into_iter();
                (words.next().unwrap(), words.collect())
            });
        let clarified = text.split("[[licenses.clarify]]").skip(1).map(|entry| {
            let mut words = quoted(entry).into_iter();
            (words.next().unwrap(), words.next().unwrap())
        });
        Policy {
            allow: quoted(&list("allow")),
            exceptions: exceptions.collect(),
            clarified: clarified.collect(),
            banned: quoted(&list("deny")),
        }
    }
}

fn quoted(text: &str) -> Vec<String> {
    text.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Evaluates an SPDX expression: `OR` needs one side, `AND` both; `/` is the old way to write `OR`.
fn allowed(expression: &str, is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let result = any(&mut words, is_allowed);
    result && words.is_empty()
}

fn any(words: &mut Vec<&str>, is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut result = all(words, is_allowed);
    while words.pop_if(|word| *word == "OR").is_some() {
        result |= all(words, is_allowed);
    }
    result
}

fn all(words: &mut Vec<&str>, is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut result = one(words, is_allowed);
    while words.pop_if(|word| *word == "AND").is_some() {
        result &= one(words, is_allowed);
    }
    result
}

fn one(words: &mut Vec<&str>, is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let Some(word) = words.pop() else {
        return false;
    };
    if word == "(" {
        let result = any(words, is_allowed);
        return words.pop_if(|word| *word == ")").is_some() && result;
    }
    match words
        .pop_if(|next| *next == "WITH")
        .and_then(|_| words.pop())
    {
        Some(exception) => is_allowed(&format!("{word} WITH {exception}")),
        None => is_allowed(word),
    }
}

#[test]
fn licence_expressions_are_understood() {
    let ok = |expression: &str| allowed(expression, &|id| ["MIT", "IJG", "A WITH b"].contains(&id));
    assert!(
        ok("MIT")
            && ok("GPL OR MIT")
            && ok("GPL/MIT")
            && ok("(MIT OR X) AND IJG")
            && ok("A WITH b")
    );
    assert!(
        !ok("GPL") && !ok("MIT AND GPL") && !ok("(MIT") && !ok("") && !ok("A") && !ok("MIT MIT")
    );
}
