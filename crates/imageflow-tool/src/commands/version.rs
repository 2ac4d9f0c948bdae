//! `version`: which build this is, for people or as JSON.

use imageflow_codecs::ImageFormat;
use imageflow_pixels::simd::SimdLevel;
use serde_json::json;

use crate::version;

/// Flags of `version`.
#[derive(Debug, clap::Args)]
pub(crate) struct Version {
    /// Version, commit, target, licence, codecs and CPU features as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(flags: &Version) -> u8 {
    if !flags.json {
        return super::print(&format!("imageflow_tool {}\n", version::line()));
    }
    let info = version::info();
    let codecs: Vec<_> = ImageFormat::ALL
        .iter()
        .map(|format| {
            json!({
                "format": format.to_string(),
                "mime_type": format.mime(),
                "decodes": format.can_decode(),
                "encodes": format.can_encode(),
            })
        })
        .collect();
    let answer = json!({
        "version": version::VERSION,
        "long_version": info.long_version_string,
        "git_commit": info.last_git_commit,
        "dirty_working_tree": info.dirty_working_tree,
        "build_date": info.build_date,
        "target": version::TARGET,
        "license": imageflow_codecs::LICENSE,
        "codecs": codecs,
        "cpu_features": SimdLevel::detect().features(),
    });
    super::print(&format!("{answer:#}\n"))
}
