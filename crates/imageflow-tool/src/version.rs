//! The version line.

use imageflow_core::Context;
use imageflow_types::{Response, VersionInfoData};

/// `imageflow_tool imageflow 3.0.0 (commit, date) platform`.
pub(crate) fn line() -> String {
    let answer = Context::new().send_json("v1/get_version_info", b"{}");
    let info = serde_json::from_slice::<Response<VersionInfoData>>(&answer.body)
        .map(|r| r.data.version_info);
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    match info {
        Ok(info) => format!("imageflow_tool {} {target}\n", info.long_version_string),
        Err(_) => format!("imageflow_tool {} {target}\n", env!("CARGO_PKG_VERSION")),
    }
}
