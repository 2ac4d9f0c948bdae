//! `v1/querystring`: one command, one input, one output. The same as a job with io 0 = in and io 1 = out.

use imageflow_querystring::{Warning, keys};
use imageflow_types::{
    Build, CommandStringKind, Framewise, IoDirection, IoKind, IoObject, IssueKind, Node,
};

use super::job;
use crate::args::Args;
use crate::error::ToolError;
use crate::inject::{Streams, inject};
use crate::run::Job;
use imageflow_core::suggest;

/// Makes the job.
pub(crate) fn prepare(args: &Args) -> Result<Job, ToolError> {
    let Some(value) = args.one("command").unwrap_or_default().to_str() else {
        return Err(ToolError::BadArguments(
            "--command is not valid UTF-8".to_owned(),
        ));
    };
    let opening = |io_id, direction| IoObject {
        io_id,
        direction,
        io: IoKind::Placeholder,
    };
    let step = Node::CommandString {
        kind: CommandStringKind::Ir4,
        value: value.to_owned(),
        decode: Some(0),
        encode: Some(1),
        watermarks: None,
    };
    let mut build = Build {
        builder_config: None,
        io: vec![opening(0, IoDirection::In), opening(1, IoDirection::Out)],
        framewise: Framewise::Steps(vec![step]),
    };
    let mut streams = Streams::default();
    inject(&mut build.io, IoDirection::In, args.all("in"), &mut streams)?;
    inject(
        &mut build.io,
        IoDirection::Out,
        args.all("out"),
        &mut streams,
    )?;
    let warnings = warnings(value);
    if let (true, Some(first)) = (args.has("strict"), warnings.first()) {
        return Err(ToolError::BadArguments(format!(
            "--command: {first} (--strict)"
        )));
    }
    let mut job = job(build, streams, args)?;
    job.warnings = warnings;
    Ok(job)
}

/// What in a command has no effect, in words for a person.
fn warnings(command: &str) -> Vec<String> {
    let found = imageflow_querystring::parse(command).1;
    let is_bad_value = |key: &str| {
        found
            .iter()
            .any(|w| w.kind == IssueKind::InvalidValueError && w.key == key)
    };
    // A value that is not understood is reported a second time as an ignored key.
    let told = found
        .iter()
        .filter(|w| w.kind != IssueKind::IgnoredKey || !is_bad_value(&w.key));
    told.map(describe).collect()
}

fn describe(warning: &Warning) -> String {
    let Warning { kind, key, value } = warning;
    match kind {
        IssueKind::UnrecognizedKey if key.starts_with('?') => {
            format!("unknown key {key:?}; a command has no leading ?")
        }
        IssueKind::UnrecognizedKey => {
            let near = suggest::did_you_mean(key, keys::all().map(|k| k.name));
            format!("unknown key {key:?}{near}")
        }
        IssueKind::InvalidValueError => {
            format!("the value {value:?} of {key} is not understood and has no effect")
        }
        IssueKind::IgnoredKey => format!("the key {key} is not supported and has no effect"),
        IssueKind::DuplicateKeyError => {
            format!("the key {key} is given again; only the first counts")
        }
        IssueKind::DeprecatedKeyWarning | IssueKind::DeprecatedValueWarning => warning.message(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_told_once_with_a_way_out() {
        assert_eq!(warnings("width=100&format=png"), [""; 0]);
        assert_eq!(
            warnings("widht=100"),
            ["unknown key \"widht\"; did you mean \"width\"?"]
        );
        assert_eq!(
            warnings("?w=100"),
            ["unknown key \"?w\"; a command has no leading ?"]
        );
        assert_eq!(
            warnings("w=abc"),
            ["the value \"abc\" of w is not understood and has no effect"]
        );
        assert_eq!(
            warnings("w=1&w=2"),
            ["the key w is given again; only the first counts"]
        );
    }
}
