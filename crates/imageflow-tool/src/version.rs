//! The version line.

use imageflow_core::Context;
use imageflow_types::{Response, VersionInfoData};

/// `imageflow_tool 3.0.0 …`, with the build's platform and date.
pub(crate) fn line() -> String {
    let answer = Context::new().send_json("v1/get_version_info", b"{}");
    let info = serde_json::from_slice::<Response<VersionInfoData>>(&answer.body)
        .map(|r| r.data.version_info);
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    match info {
        Ok(info) => format!(
            "imageflow_tool {} {target} {}\n",
            info.long_version_string, info.build_date
        ),
        Err(_) => format!("imageflow_tool {} {target}\n", env!("CARGO_PKG_VERSION")),
    }
}
