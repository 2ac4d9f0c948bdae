//! `v1/execute`: runs a job on inputs and outputs that are registered already.

use imageflow_types::{Execute, JobResultData, ResultBytes};

use super::{job, request};
use crate::context::{Context, Response};
use crate::error::Error;

pub(super) fn answer(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let request: Execute = request::parse("Execute001", body)?;
    if let Some(security) = &request.security {
        context.limits.merge(security);
    }
    let job_result = job::run(context, &request.framewise, |_, _| {
        Ok(ResultBytes::Elsewhere)
    })?;
    Response::ok(JobResultData { job_result })
}
