//! `v1/execute`: runs a job on inputs and outputs that are registered already.

use imageflow_types::{Execute, JobResultData, ResultBytes};

use super::{job, request};
use crate::context::{Context, Response};
use crate::error::Error;

pub(super) fn answer(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let control = context.control();
    let request: Execute =
        request::parse_job("Execute001", body, &control, |job: &Execute| &job.framewise)?;
    context.policy_mut().merge(request.security.as_ref())?;
    let job_result = job::run(context, &request.framewise, |_, _| {
        Ok(ResultBytes::Elsewhere)
    })?;
    Response::ok(JobResultData { job_result })
}
