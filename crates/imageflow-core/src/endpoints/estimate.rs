//! `v1/estimate`: the memory one decoded frame takes.

use imageflow_types::{Estimate, EstimateRequest};

use super::request;
use crate::context::{Context, Response};
use crate::error::Error;

/// Bytes of a decoded pixel.
const BYTES_PER_PIXEL: u64 = 4;

pub(super) fn answer(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let request: EstimateRequest = request::parse("EstimateEncode001", body)?;
    let header = context.io.input(request.io_id)?.header(&context.control());
    let size = header
        .map_err(|error| error.at_io(request.io_id))?
        .oriented();
    let bytes = size.area().saturating_mul(BYTES_PER_PIXEL);
    Response::ok(Estimate {
        width: size.width(),
        height: size.height(),
        peak_avg_bytes: bytes,
        peak_max_bytes: bytes,
    })
}
