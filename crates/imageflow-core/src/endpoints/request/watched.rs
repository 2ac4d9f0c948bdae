//! Reading JSON that may be long: the parser cannot be asked to stop, but what it reads from can.

use std::io::{self, Read};

use imageflow_pixels::{ControlError, JobControl};
use serde::de::DeserializeOwned;

/// Messages up to this size are read at once: 8 MiB take about 20 ms. Longer ones are read through a [`Watched`], which takes
/// up to four times as long and stops within a millisecond.
const AT_ONCE: usize = 8 << 20;
/// Bytes between two looks at the job.
const STRIDE: usize = 64 << 10;

/// Reads text.
pub(super) fn read_text<T: DeserializeOwned>(
    text: &str,
    control: &JobControl,
) -> Result<serde_json::Result<T>, ControlError> {
    if text.len() <= AT_ONCE {
        control.check()?;
        return Ok(serde_json::from_str(text));
    }
    read_watched(text.as_bytes(), control)
}

/// Reads bytes that need not be text.
pub(super) fn read<T: DeserializeOwned>(
    body: &[u8],
    control: &JobControl,
) -> Result<serde_json::Result<T>, ControlError> {
    if body.len() <= AT_ONCE {
        control.check()?;
        return Ok(serde_json::from_slice(body));
    }
    read_watched(body, control)
}

fn read_watched<T: DeserializeOwned>(
    rest: &[u8],
    control: &JobControl,
) -> Result<serde_json::Result<T>, ControlError> {
    let mut stopped = None;
    let source = Watched {
        rest,
        until_look: 0,
        control,
        stopped: &mut stopped,
    };
    let read = serde_json::from_reader(source);
    stopped.map_or(Ok(read), Err)
}

/// Bytes that end with an error when the job must stop.
struct Watched<'a> {
    rest: &'a [u8],
    until_look: usize,
    control: &'a JobControl,
    stopped: &'a mut Option<ControlError>,
}

impl Watched<'_> {
    #[cold]
    fn look(&mut self) -> io::Result<()> {
        self.until_look = STRIDE;
        self.control.check().map_err(|error| {
            *self.stopped = Some(error);
            io::Error::from(io::ErrorKind::Other)
        })
    }
}

impl Read for Watched<'_> {
    #[inline]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.until_look == 0 {
            self.look()?;
        }
        let most = buffer.len().min(self.until_look).min(self.rest.len());
        let (now, later) = self.rest.split_at(most);
        if let Some(place) = buffer.get_mut(..most) {
            place.copy_from_slice(now);
        }
        self.rest = later;
        self.until_look = self.until_look.saturating_sub(most);
        Ok(most)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use imageflow_pixels::Limits;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    #[test]
    fn both_ways_say_the_same() {
        let control = JobControl::default();
        for text in [
            "",
            "{",
            "[1,2,]",
            "{\"a\":1}",
            "{\"a\":1}x",
            "[\n\n tru]",
            "\"\\x\"",
            "{1:2}",
        ] {
            let said = |read: serde_json::Result<serde_json::Value>| match read {
                Ok(value) => value.to_string(),
                Err(error) => error.to_string(),
            };
            let watched = said(read_watched(text.as_bytes(), &control).unwrap());
            assert_eq!(watched, said(read_text(text, &control).unwrap()), "{text}");
        }
    }

    #[test]
    fn a_long_message_is_given_up_when_the_job_must_stop() {
        let text = format!("[{}0]", "0,".repeat(8 << 20));
        let flag = Arc::new(AtomicBool::new(false));
        let cancelled = JobControl::new(flag.clone(), Limits::default());
        flag.store(true, Ordering::Relaxed);
        let read = |control: &JobControl| read_text::<Vec<u8>>(&text, control).map(|_| ());
        assert_eq!(read(&cancelled), Err(ControlError::Cancelled));
        let limits = Limits {
            deadline: Instant::now().checked_add(Duration::from_millis(10)),
            ..Limits::default()
        };
        let late = JobControl::new(Arc::default(), limits);
        assert_eq!(read(&late), Err(ControlError::DeadlineExceeded));
        assert_eq!(read(&JobControl::default()), Ok(()));
    }
}
