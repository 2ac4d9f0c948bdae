//! Text to canonical string and warnings.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{conformance, same, sorted, sorted_recorded};
use imageflow_querystring::{FRAGMENT, keys, parse};
use imageflow_types::{CommandStringKind, Node};
use serde_json::json;

#[test]
fn conformance_parse() {
    conformance("parse.jsonl", |case| {
        let (mut wishes, warnings) = parse(case["qs"].as_str().unwrap());
        let out = &case["out"];
        let canonical = wishes.to_canonical();
        same("norm", &out["norm"], &json!(canonical))?;
        // A deviation that was decided: recorded silence about what a `#` cuts off is a warning here.
        let (cut, warnings): (Vec<_>, Vec<_>) =
            warnings.into_iter().partition(|w| w.key == FRAGMENT);
        assert_eq!(!cut.is_empty(), case["qs"].as_str().unwrap().contains('#'));
        same("warn", &sorted_recorded(&out["warn"]), &sorted(&warnings))?;
        same(
            "again",
            &json!(canonical),
            &json!(wishes.settled().to_canonical()),
        )?;
        let translated = wishes.take_trim().map(|trim| {
            let rest = Node::CommandString {
                kind: CommandStringKind::Ir4,
                value: wishes.to_canonical(),
                decode: None,
                encode: Some(1),
                watermarks: None,
            };
            let decode = Node::Decode {
                io_id: 0,
                commands: None,
            };
            serde_json::to_value([decode, trim, rest]).unwrap()
        });
        same("translate", &out["translate"], &json!(translated))
    });
}

#[test]
fn the_table_has_all_keys_in_order() {
    let names: Vec<&str> = keys::KEYS.iter().map(|k| k.name).collect();
    assert_eq!(names.len(), 100);
    assert_eq!(names[0], "mode");
    assert_eq!(names[99], "lossless");
}
