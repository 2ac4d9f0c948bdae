//! A context: inputs, outputs, limits and the first error, driven by JSON messages.

mod status;

use std::path::Path;
use std::time::{Duration, Instant};

use imageflow_codecs::Bytes;
use imageflow_pixels::{JobControl, Limits};
use imageflow_types::{Lock, LockData, Response as Envelope};
use serde::Serialize;

use crate::endpoints;
use crate::error::{Error, ErrorKind};
use crate::io::{IoTable, OutputBytes, OutputPlace};
use crate::limits::SecurityLimits;
use crate::policy::Policy;

pub use status::Status;

/// The answer to a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// HTTP-like status: 200, or the error's.
    pub status: i64,
    /// JSON in UTF-8.
    pub body: Vec<u8>,
}

impl Response {
    /// Answers with data.
    pub(crate) fn ok(data: impl Serialize) -> Result<Response, Error> {
        Ok(Response {
            status: 200,
            body: pretty(&Envelope::ok(data))?,
        })
    }

    /// Answers with an error.
    pub fn failure(error: &Error) -> Response {
        let status = i64::from(error.category().http_status());
        let body = pretty(&Envelope::error(status, error.to_string()));
        // A structure of numbers and strings always serialises.
        Response {
            status,
            body: body.unwrap_or_default(),
        }
    }
}

fn pretty(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec_pretty(value)
        .map_err(|error| Error::new(ErrorKind::InternalError, error.to_string()))
}

/// Inputs, outputs, limits and the first error.
///
/// After an error every message is answered with that error, and nothing can be added; outputs that were written can still
/// be read. [`Status`] is the part other threads may use meanwhile: to cancel, or to read the error.
///
/// ```
/// # use imageflow_core::Context;
/// let mut context = Context::new();
/// let response = context.send_json("v1/get_version_info", b"{}");
/// assert_eq!(response.status, 200);
/// assert_eq!(context.send_json("v1/execute", b"{").status, 400);
/// assert_eq!(context.send_json("v1/get_version_info", b"{}").status, 400);
/// ```
#[derive(Debug, Default)]
pub struct Context {
    pub(crate) io: IoTable,
    policy: Policy,
    status: Status,
    timeout: Option<Duration>,
    /// When the message that is being answered came.
    asked: Option<Instant>,
    memory_budget: Option<u64>,
    /// Bytes lent out before [`Context::terminate`].
    lent: Vec<OutputBytes>,
}

impl Context {
    /// Makes a context with the default limits.
    pub fn new() -> Context {
        Context::default()
    }

    /// The handle by which other threads cancel this context and read its error.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Ends jobs that take longer; `None` lets them run.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// Refuses jobs whose frames, rows and codecs take more bytes together; `None` lets them have what the system gives.
    ///
    /// A job is refused before pixels are read where its needs are known by then. `security.mem_budget_policy` of a message
    /// can only lower it.
    pub fn set_memory_budget(&mut self, bytes: Option<u64>) {
        self.memory_budget = bytes;
    }

    /// Adds an input.
    ///
    /// # Errors
    /// The context's error if there is one; otherwise a new error, which becomes the context's: the id is in use, or no
    /// decoder knows the bytes.
    pub fn add_input(&mut self, io_id: i32, bytes: Bytes) -> Result<(), Error> {
        let limits = *self.limits();
        self.change_io(|io| io.add_bytes(io_id, bytes, &limits))
    }

    /// Adds an input that is read from a file, whatever bytes its name has. A pipe is read at once, while the context is not
    /// cancelled, for as long as [`Context::set_timeout`] allows.
    ///
    /// # Errors
    /// As [`Context::add_input`], and the file's.
    pub fn add_input_file(&mut self, io_id: i32, path: &Path) -> Result<(), Error> {
        self.asked = Some(Instant::now());
        let (limits, control) = (*self.limits(), self.control());
        self.change_io(|io| io.add_file(io_id, path, &limits, &control))
    }

    /// Adds an output that is a file, whatever bytes its name has. It appears when a job that wrote it has succeeded.
    ///
    /// # Errors
    /// As [`Context::add_output_buffer`], and when the file cannot be written.
    pub fn add_output_file(&mut self, io_id: i32, path: &Path) -> Result<(), Error> {
        self.change_io(|io| io.add_output(io_id, OutputPlace::File(path.to_owned())))
    }

    /// Adds an output in memory.
    ///
    /// # Errors
    /// The context's error if there is one; otherwise a new error, which becomes the context's: the id is in use.
    pub fn add_output_buffer(&mut self, io_id: i32) -> Result<(), Error> {
        self.change_io(|io| io.add_output(io_id, OutputPlace::Buffer))
    }

    fn change_io(
        &mut self,
        change: impl FnOnce(&mut IoTable) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self.status.error() {
            Some(error) => Err(error),
            None => change(&mut self.io).map_err(|error| self.status.fail(error)),
        }
    }

    /// The bytes of an output, none when nothing was written. They stay where they are while anybody holds them, at
    /// least as long as the context.
    ///
    /// # Errors
    /// A new error, which becomes the context's if it has none: unknown id, an input, a file, or taken before.
    pub fn get_output(&mut self, io_id: i32) -> Result<OutputBytes, Error> {
        let bytes = self.io.output(io_id).and_then(|output| output.lend(io_id));
        bytes.map_err(|error| self.status.fail(error))
    }

    /// Moves the bytes of an output out.
    ///
    /// # Errors
    /// As [`Context::get_output`], or the bytes were lent by it.
    pub fn take_output(&mut self, io_id: i32) -> Result<Vec<u8>, Error> {
        let bytes = self.io.output(io_id).and_then(|output| output.take(io_id));
        bytes.map_err(|error| self.status.fail(error))
    }

    /// Answers a message. Never panics on any input; a failure becomes the context's error.
    pub fn send_json(&mut self, method: &str, body: &[u8]) -> Response {
        if let Some(error) = self.status.error() {
            return Response::failure(&error);
        }
        self.asked = Some(Instant::now());
        endpoints::dispatch(self, method, body)
            .unwrap_or_else(|error| Response::failure(&self.status.fail(error)))
    }

    /// Drops inputs and outputs. The error, and bytes that were lent, stay.
    pub fn terminate(&mut self) {
        self.lent.append(&mut self.io.close());
    }

    /// Keeps later jobs from raising limits above those in force, changed as `lock` says, and from naming files. A second
    /// lock can only allow less. The message `v1/lock` does the same.
    ///
    /// # Errors
    /// The context's error if there is one; otherwise a new error, which becomes the context's: the lock would allow more
    /// than an earlier one.
    ///
    /// ```
    /// # use imageflow_core::Context;
    /// let mut context = Context::new();
    /// context.lock(&imageflow_types::Lock { allow_files: Some(false), ..Default::default() })?;
    /// let job = br#"{"io":[{"io_id":0,"direction":"in","io":{"file":"a.jpg"}}],"framewise":{"steps":[]}}"#;
    /// assert_eq!(context.send_json("v1/build", job).status, 403);
    /// # Ok::<(), imageflow_core::Error>(())
    /// ```
    pub fn lock(&mut self, lock: &Lock) -> Result<LockData, Error> {
        match self.status.error() {
            Some(error) => Err(error),
            None => {
                let locked = self.policy.lock(lock);
                locked.map_err(|error| self.status.fail(error))
            }
        }
    }

    /// The limits in force.
    pub fn limits(&self) -> &SecurityLimits {
        self.policy.limits()
    }

    /// Who decides about limits.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Lets inputs that were registered earlier obey the limits in force.
    pub(crate) fn apply_limits(&mut self) {
        self.io.obey(self.policy.limits());
    }

    pub(crate) fn policy_mut(&mut self) -> &mut Policy {
        &mut self.policy
    }

    /// What the next job must respect.
    pub(crate) fn control(&self) -> JobControl {
        let threads = self
            .limits()
            .max_threads
            .and_then(|count| usize::try_from(count).ok());
        let deadline = self
            .timeout
            .and_then(|timeout| self.asked.unwrap_or_else(Instant::now).checked_add(timeout));
        let limits = Limits {
            deadline,
            threads: threads.unwrap_or(1).max(1),
            max_bytes: self
                .memory_budget
                .unwrap_or(u64::MAX)
                .min(self.limits().max_tracked_bytes()),
        };
        JobControl::new(self.status.cancel_flag(), limits)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::Category;

    #[test]
    fn the_first_error_is_kept_and_refuses_everything_but_reading() {
        let mut context = Context::new();
        context.add_output_buffer(1).unwrap();
        assert!(context.add_output_buffer(1).is_err());
        let response = context.send_json("v1/nope", b"");
        assert_eq!(response.status, 400);
        assert!(
            String::from_utf8(response.body)
                .unwrap()
                .contains("DuplicateIoId")
        );
        assert!(context.add_output_buffer(2).is_err());
        assert!(context.get_output(1).unwrap().is_empty());
        assert!(context.get_output(9).is_err());
        assert_eq!(
            context.status().error().unwrap().kind(),
            ErrorKind::DuplicateIoId
        );
    }

    #[test]
    fn cancellation_is_an_error_at_once_even_when_only_the_flag_is_set() {
        let mut context = Context::new();
        context
            .status()
            .cancel_flag()
            .store(true, std::sync::atomic::Ordering::Relaxed);
        let response = context.send_json("v1/get_version_info", b"{}");
        assert_eq!(response.status, 499);
        assert_eq!(
            context.status().error().unwrap().category(),
            Category::OperationCancelled
        );
    }

    #[test]
    fn a_memory_budget_refuses_jobs_and_names_itself() {
        let job = br#"{"framewise":{"steps":[
            {"create_canvas":{"format":"bgr_32","w":1000,"h":1000,"color":"black"}},"rotate_90",
            {"encode":{"io_id":1,"preset":{"lodepng":{}}}}]}}"#;
        let run = |budget| {
            let mut context = Context::new();
            context.set_memory_budget(budget);
            context.add_output_buffer(1).unwrap();
            let response = context.send_json("v1/execute", job);
            (response.status, String::from_utf8(response.body).unwrap())
        };
        assert_eq!(run(None).0, 200);
        assert_eq!(run(Some(64 << 20)).0, 200);
        let (status, text) = run(Some(1 << 20));
        assert_eq!(status, 400);
        assert!(
            text.contains("SizeLimitExceeded") && text.contains("memory budget of 1048576 bytes"),
            "{text}"
        );
    }

    #[test]
    fn a_memory_policy_refuses_by_the_estimate_of_the_plan() {
        let run = |policy: &str| {
            let job = format!(
                r#"{{"security":{{"mem_budget_policy":{{{policy}}}}},"framewise":{{"steps":[
                {{"create_canvas":{{"format":"bgr_32","w":1000,"h":1000,"color":"black"}}}},"rotate_90",
                {{"encode":{{"io_id":1,"preset":{{"lodepng":{{}}}}}}}}]}}}}"#
            );
            let mut context = Context::new();
            context.add_output_buffer(1).unwrap();
            let response = context.send_json("v1/execute", job.as_bytes());
            (response.status, String::from_utf8(response.body).unwrap())
        };
        for name in [
            "require_est_bytes_below",
            "require_est_max_bytes_below",
            "require_tracked_bytes_below",
        ] {
            let (status, text) = run(&format!(r#""{name}":67108864"#));
            assert_eq!(status, 200, "{text}");
            let (status, text) = run(&format!(r#""{name}":4000000"#));
            assert_eq!(status, 400, "{text}");
            assert!(text.contains(name), "{text}");
        }
    }

    #[test]
    fn lent_bytes_survive_termination() {
        let mut context = Context::new();
        context.add_output_buffer(1).unwrap();
        let address = context.get_output(1).unwrap().as_ptr();
        context.terminate();
        assert_eq!(
            context.get_output(1).unwrap_err().kind(),
            ErrorKind::IoIdNotFound
        );
        assert_eq!(context.lent.first().unwrap().as_ptr(), address);
    }

    #[test]
    fn failures_have_the_envelope_of_the_protocol() {
        let error = Error::new(ErrorKind::GraphCyclic, "");
        let expected = "{\n  \"code\": 400,\n  \"success\": false,\n  \"message\": \"GraphInvalid: GraphCyclic at\\n\",\n  \"data\": \"none\"\n}";
        assert_eq!(
            String::from_utf8(Response::failure(&error).body).unwrap(),
            expected
        );
    }
}
