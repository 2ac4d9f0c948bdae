//! Limits of a context: frame sizes, message and input bytes, memory.

use imageflow_codecs::ImageFormat;
use imageflow_pixels::Size;
use imageflow_types::{ExecutionSecurity, FrameSizeLimit, MemoryBudgetPolicy};

use crate::error::{Error, ErrorKind};

/// Most frames of an animation, however small they are: what a job or `info` goes through.
pub const MAX_FRAMES: u64 = 100_000;

/// Checks how many frames an animation has shown, or must show to come to one that is asked for.
///
/// # Errors
/// [`ErrorKind::SizeLimitExceeded`].
pub(crate) fn check_frames(format: ImageFormat, frames: u64) -> Result<(), Error> {
    if frames <= MAX_FRAMES {
        return Ok(());
    }
    let text = format!("{format} has {frames} frames or more, exceeding maximum of {MAX_FRAMES}");
    Err(Error::new(ErrorKind::SizeLimitExceeded, text))
}

/// The limits in force. A job is refused before pixels are read when it would pass one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SecurityLimits {
    /// Largest frame a decoder may produce; `None` is unlimited.
    pub max_decode_size: Option<FrameSizeLimit>,
    /// Largest frame anywhere in the graph.
    pub max_frame_size: Option<FrameSizeLimit>,
    /// Largest frame that may be encoded.
    pub max_encode_size: Option<FrameSizeLimit>,
    /// Largest input in bytes.
    pub max_input_file_bytes: usize,
    /// Longest message in bytes.
    pub max_json_bytes: usize,
    /// Most pixels an animation may decode to.
    pub max_total_file_pixels: u64,
    /// Threads a job may use; absent means one.
    pub max_threads: Option<u32>,
    /// Refuse jobs by their estimated memory.
    pub memory: MemoryBudgetPolicy,
}

impl Default for SecurityLimits {
    fn default() -> Self {
        SecurityLimits {
            max_decode_size: Some(FrameSizeLimit {
                w: 12000,
                h: 12000,
                megapixels: 100.0,
            }),
            max_frame_size: Some(FrameSizeLimit {
                w: 10000,
                h: 10000,
                megapixels: 100.0,
            }),
            max_encode_size: None,
            max_input_file_bytes: 256 << 20,
            max_json_bytes: 64 << 20,
            max_total_file_pixels: 400_000_000,
            max_threads: None,
            memory: MemoryBudgetPolicy::default(),
        }
    }
}

impl SecurityLimits {
    /// All limits, as a job writes them; what is absent is unlimited.
    pub(crate) fn in_full(&self) -> ExecutionSecurity {
        let set = self.memory != MemoryBudgetPolicy::default();
        ExecutionSecurity {
            max_decode_size: self.max_decode_size,
            max_frame_size: self.max_frame_size,
            max_encode_size: self.max_encode_size,
            max_input_file_bytes: Some(self.max_input_file_bytes),
            max_json_bytes: Some(self.max_json_bytes),
            max_total_file_pixels: Some(self.max_total_file_pixels),
            max_threads: Some(self.max_threads.unwrap_or(1)),
            mem_budget_policy: set.then_some(self.memory),
        }
    }

    /// Takes over the fields that are present; the others keep their value.
    pub fn merge(&mut self, changes: &ExecutionSecurity) {
        fn take<T>(field: &mut T, change: Option<T>) {
            if let Some(value) = change {
                *field = value;
            }
        }
        take(&mut self.max_decode_size, changes.max_decode_size.map(Some));
        take(&mut self.max_frame_size, changes.max_frame_size.map(Some));
        take(&mut self.max_encode_size, changes.max_encode_size.map(Some));
        take(&mut self.max_input_file_bytes, changes.max_input_file_bytes);
        take(&mut self.max_json_bytes, changes.max_json_bytes);
        take(
            &mut self.max_total_file_pixels,
            changes.max_total_file_pixels,
        );
        take(&mut self.max_threads, changes.max_threads.map(Some));
        take(&mut self.memory, changes.mem_budget_policy);
    }

    /// Checks a decoded frame.
    ///
    /// # Errors
    /// [`ErrorKind::SizeLimitExceeded`].
    pub fn check_decode(&self, size: Size) -> Result<(), Error> {
        check(
            "max_decode_size",
            self.max_decode_size,
            u64::from(size.width()),
            u64::from(size.height()),
        )
    }

    /// Checks a GIF when it is registered.
    ///
    /// # Errors
    /// [`ErrorKind::SizeLimitExceeded`].
    pub fn check_gif(&self, size: Size) -> Result<(), Error> {
        self.check_decode(size).map_err(|error| {
            let text = error.message().replacen("Frame", "GIF", 1);
            Error::new(error.kind(), text)
        })
    }

    /// Checks what must be read to get one frame, however small it is decoded: reduction saves memory, not reading.
    ///
    /// # Errors
    /// [`ErrorKind::SizeLimitExceeded`].
    pub fn check_file_pixels(&self, stored: Size) -> Result<(), Error> {
        if stored.area() <= self.max_total_file_pixels {
            return Ok(());
        }
        let text = format!(
            "total decoded pixels (1 frames x {} pixels) exceeds max_total_file_pixels {}",
            stored.area(),
            self.max_total_file_pixels
        );
        Err(Error::new(ErrorKind::SizeLimitExceeded, text))
    }

    /// Checks a frame anywhere in the graph; takes raw sides so that sizes no frame can have get the same message.
    ///
    /// # Errors
    /// [`ErrorKind::SizeLimitExceeded`].
    pub fn check_frame(&self, width: u64, height: u64) -> Result<(), Error> {
        check("max_frame_size", self.max_frame_size, width, height)
    }

    /// Checks what a plan will hold, rows and codecs together, against all three bounds of the memory policy: there is one
    /// estimate, which is never below what is used.
    ///
    /// # Errors
    /// [`ErrorKind::SizeLimitExceeded`].
    pub fn check_memory(&self, bytes: u64) -> Result<(), Error> {
        let MemoryBudgetPolicy {
            require_est_bytes_below,
            require_est_max_bytes_below,
            require_tracked_bytes_below,
        } = self.memory;
        let bounds = [
            ("require_est_bytes_below", require_est_bytes_below),
            ("require_est_max_bytes_below", require_est_max_bytes_below),
            ("require_tracked_bytes_below", require_tracked_bytes_below),
        ];
        for (name, bound) in bounds {
            if let Some(bound) = bound.filter(|bound| bytes >= *bound) {
                let text = format!(
                    "the job takes {bytes} bytes, which is not below mem_budget_policy.{name} {bound}"
                );
                return Err(Error::new(ErrorKind::SizeLimitExceeded, text));
            }
        }
        Ok(())
    }

    /// The most bytes that a job may count while it runs.
    pub(crate) fn max_tracked_bytes(&self) -> u64 {
        let bound = self.memory.require_tracked_bytes_below;
        bound.map_or(u64::MAX, |bound| bound.saturating_sub(1))
    }

    /// Checks a frame about to be encoded.
    ///
    /// # Errors
    /// [`ErrorKind::SizeLimitExceeded`].
    pub fn check_encode(&self, size: Size) -> Result<(), Error> {
        check(
            "max_encode_size",
            self.max_encode_size,
            u64::from(size.width()),
            u64::from(size.height()),
        )
    }
}

fn check(name: &str, limit: Option<FrameSizeLimit>, width: u64, height: u64) -> Result<(), Error> {
    let exceeded = |message: String| Err(Error::new(ErrorKind::SizeLimitExceeded, message));
    if width >= 1 << 31 || height >= 1 << 31 {
        return exceeded(format!("{name} values overflow an i32"));
    }
    let Some(limit) = limit else { return Ok(()) };
    if width > u64::from(limit.w) {
        return exceeded(format!("Frame width {width} exceeds {name}.w {}", limit.w));
    }
    if height > u64::from(limit.h) {
        return exceeded(format!(
            "Frame height {height} exceeds {name}.h {}",
            limit.h
        ));
    }
    let megapixels = ((width * height) as f64 / 1e6) as f32;
    if megapixels > limit.megapixels {
        return exceeded(format!(
            "Frame megapixels {megapixels} exceeds {name}.megapixels {}",
            limit.megapixels
        ));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn equal_passes_and_greater_names_field_value_and_limit() {
        let limits = SecurityLimits {
            max_frame_size: Some(FrameSizeLimit {
                w: 40,
                h: 30,
                megapixels: 1.0,
            }),
            ..Default::default()
        };
        assert!(limits.check_frame(40, 30).is_ok());
        let text = limits.check_frame(41, 30).unwrap_err();
        assert_eq!(text.message(), "Frame width 41 exceeds max_frame_size.w 40");
    }

    #[test]
    fn absent_fields_keep_their_value() {
        let mut limits = SecurityLimits::default();
        limits.merge(&ExecutionSecurity {
            max_json_bytes: Some(10),
            ..Default::default()
        });
        assert_eq!(
            (limits.max_json_bytes, limits.max_input_file_bytes),
            (10, 256 << 20)
        );
    }
}
