//! Tests of how the JPEG sink stops: cancellation, failing outputs, limits, errors of the libraries.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use imageflow_pixels::{
    Alpha, ControlError, FrameInfo, JobControl, Limits, RowBuf, Size, StreamError,
};

use super::encode_tests::{BEST, Pixel, Shared, encode_to, every_kind};
use super::encoder;
use crate::error::CodecError;

/// Cancels the job when the first bytes arrive.
struct Canceller(Arc<AtomicBool>);

impl Write for Canceller {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.store(true, Ordering::Relaxed);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn noise(x: u32, y: u32) -> Pixel {
    let h = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D);
    [h as u8, (h >> 8) as u8, (h >> 16) as u8]
}

#[test]
fn cancellation_stops_before_and_inside_the_encoder() {
    for settings in every_kind() {
        let flag = Arc::new(AtomicBool::new(false));
        let control = JobControl::new(flag.clone(), Limits::default());
        // The file is far larger than one chunk, so the cancel that the first chunk causes is seen by the second.
        let result = encode_to(
            settings,
            (400, 400),
            50,
            noise,
            Box::new(Canceller(flag.clone())),
            &control,
        );
        assert!(
            matches!(result, Err(StreamError::Control(ControlError::Cancelled))),
            "{settings:?}: {result:?}"
        );
        flag.store(true, Ordering::Relaxed);
        let result = encode_to(
            settings,
            (40, 40),
            8,
            noise,
            Box::new(Shared::default()),
            &control,
        );
        assert!(
            matches!(result, Err(StreamError::Control(ControlError::Cancelled))),
            "{settings:?}: {result:?}"
        );
    }
}

/// Fails when more than `.0` bytes arrive.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(rest) => {
                self.0 = rest;
                Ok(bytes.len())
            }
            None => Err(std::io::Error::from(std::io::ErrorKind::StorageFull)),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failing_output_is_a_write_error_wherever_it_fails() {
    for settings in every_kind() {
        for room in [0, 40_000, 100_000] {
            let result = encode_to(
                settings,
                (400, 400),
                50,
                noise,
                Box::new(Full(room)),
                &JobControl::default(),
            );
            let Err(StreamError::Codec(error)) = result else {
                panic!("{settings:?} {room}: {result:?}")
            };
            let error = error.downcast_ref::<CodecError>().unwrap();
            assert!(
                matches!(error, CodecError::Write(io) if io.kind() == std::io::ErrorKind::StorageFull),
                "{settings:?} {room}: {error}"
            );
        }
    }
}

#[test]
fn frames_beyond_the_format_or_the_budget_are_refused() {
    let frame = |width, height| FrameInfo::bgra8(Size::new(width, height).unwrap(), Alpha::Opaque);
    let control = JobControl::new(
        Arc::default(),
        Limits {
            max_bytes: 1000,
            ..Limits::default()
        },
    );
    let open = |frame| encoder(&BEST, frame, Box::new(Shared::default()), &control).map(|_| ());
    let error = open(frame(65_501, 1)).unwrap_err();
    assert!(
        matches!(error, CodecError::InvalidArgument(_)) && error.to_string().contains("65501x1"),
        "{error}"
    );
    assert!(matches!(
        open(frame(1, 70_000)),
        Err(CodecError::InvalidArgument(_))
    ));
    assert!(matches!(
        open(frame(100, 100)),
        Err(CodecError::Control(ControlError::BudgetExceeded { .. }))
    ));
    assert!(open(frame(10, 10)).is_ok());
}

#[test]
fn missing_and_misplaced_rows_are_errors() {
    let frame = FrameInfo::bgra8(Size::new(4, 4).unwrap(), Alpha::Opaque);
    let control = JobControl::default();
    let mut ring = RowBuf::new(frame, 4, &control).unwrap();
    let _ = ring.advance(0..4, 0);
    let mut sink = encoder(&BEST, frame, Box::new(Shared::default()), &control).unwrap();
    assert!(sink.write_rows(&ring.rows(1..2)).is_err());
    sink.write_rows(&ring.rows(0..3)).unwrap();
    assert!(sink.finish().is_err());
}

#[cfg(feature = "mozjpeg")]
#[test]
fn a_library_error_carries_the_librarys_words() {
    use super::encode::Picture;
    use super::encode_drain::Drain;

    let run = |compress: &dyn Fn(&Picture<'_>, &mut Drain) -> Result<(), CodecError>| {
        // A picture that lies about its height: the library notices missing rows when it is told to finish.
        let picture = Picture {
            width: 16,
            height: 99,
            samples: &[7; 16 * 16],
            sampling: None,
        };
        let mut drain = Drain::new(Box::new(Shared::default()), JobControl::default());
        match compress(&picture, &mut drain).unwrap_err() {
            CodecError::Encode { message, .. } => message,
            other => panic!("{other}"),
        }
    };
    let settings = super::ffi_encode::Settings {
        classic: true,
        quality: 50,
        progressive: true,
        optimize_huffman: true,
    };
    assert_eq!(
        run(&|picture, drain| super::ffi_encode::compress(&settings, picture, drain)),
        "Application transferred too few scanlines"
    );
    #[cfg(jpegli)]
    {
        let settings = super::ffi_jpegli::Settings {
            distance: 2.0,
            scans: &[],
        };
        let message = run(&|picture, drain| {
            let memory = imageflow_pixels::PictureMemory::new(0, &JobControl::default()).unwrap();
            super::ffi_jpegli::compress(&settings, picture, drain, memory)
        });
        assert!(
            message.contains("Incomplete image, expected 99 rows, got 16"),
            "{message}"
        );
    }
}
