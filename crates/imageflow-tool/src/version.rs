//! Which build this is.

use imageflow_core::Context;
use imageflow_types::{Response, VersionInfo, VersionInfoData};

/// The version of the package.
pub(crate) const VERSION: &str = env!("IMAGEFLOW_VERSION");

/// The target triple.
pub(crate) const TARGET: &str = env!("IMAGEFLOW_TARGET");

/// How and with what the program was built, a line each.
pub(crate) const BUILD_INFO: &str = include_str!(concat!(env!("OUT_DIR"), "/build_info.txt"));

/// `imageflow 3.0.0 (commit, built date) target, licence MIT OR Apache-2.0`.
pub(crate) fn line() -> String {
    let info = info();
    let licence = imageflow_codecs::LICENSE;
    format!("{} {TARGET}, licence {licence}", info.long_version_string)
}

/// What the engine says of itself.
pub(crate) fn info() -> VersionInfo {
    let answer = Context::new().send_json("v1/get_version_info", b"{}");
    let parsed = serde_json::from_slice::<Response<VersionInfoData>>(&answer.body);
    // The engine's answer is of the type it is read as; a default still names the version in its line.
    parsed.map_or_else(
        |_| VersionInfo {
            long_version_string: format!("imageflow {VERSION}"),
            ..VersionInfo::default()
        },
        |response| response.data.version_info,
    )
}
