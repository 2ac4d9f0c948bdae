//! `v1/get_version_info`: which build this is.

use imageflow_types::{EmptyRequest, VersionInfo, VersionInfoData};

use super::request;
use crate::context::{Context, Response};
use crate::error::Error;

pub(super) fn answer(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let _: EmptyRequest = request::parse("EmptyRequest", body, &context.control())?;
    Response::ok(VersionInfoData {
        version_info: version_info(),
    })
}

fn version_info() -> VersionInfo {
    VersionInfo {
        long_version_string: concat!(
            "imageflow ",
            env!("IMAGEFLOW_VERSION"),
            " (",
            env!("IMAGEFLOW_GIT_DESCRIBE"),
            ", built ",
            env!("IMAGEFLOW_BUILD_DATE"),
            ")"
        )
        .to_owned(),
        last_git_commit: env!("IMAGEFLOW_GIT_COMMIT").to_owned(),
        dirty_working_tree: env!("IMAGEFLOW_GIT_DIRTY") == "true",
        build_date: env!("IMAGEFLOW_BUILD_DATE").to_owned(),
        git_tag: Some(env!("IMAGEFLOW_GIT_TAG"))
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned),
        git_describe_always: env!("IMAGEFLOW_GIT_DESCRIBE").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_date_is_rfc_3339() {
        let date = version_info().build_date;
        let shape: String = date
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        assert_eq!(shape, "0000-00-00T00:00:00Z");
    }
}
