//! What stays the same, or moves on, while the frames of an animation pass through one job.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use imageflow_codecs::{CodecError, DecodeOptions, Decoder};
use imageflow_pixels::ops::LevelTables;
use imageflow_pixels::{JobControl, Rect, RowBuf};

/// Largest still picture that is kept between frames rather than decoded for each.
const MAX_HELD_BYTES: u64 = 64 << 20;

/// What a look at the pixels of a frame found.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Found {
    /// Where the content is.
    Content(Rect),
    /// How levels are stretched.
    Levels(Box<LevelTables>),
}

/// The frames that animated inputs show now, and what later frames take over from the first. Empty for still jobs.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    current: BTreeMap<i32, Arc<RowBuf>>,
    stills: Mutex<Vec<(i32, DecodeOptions, Arc<RowBuf>)>>,
    found: Mutex<Vec<Found>>,
}

impl Frames {
    /// Whether an animation is under way.
    pub(crate) fn is_animated(&self) -> bool {
        !self.current.is_empty()
    }

    /// Shows the next frame of an input.
    pub(crate) fn show(&mut self, io_id: i32, canvas: Arc<RowBuf>) {
        self.current.insert(io_id, canvas);
    }

    /// Gives up the frame an input showed, so that its decoder may draw on it.
    pub(crate) fn hide(&mut self, io_id: i32) -> Option<Arc<RowBuf>> {
        self.current.remove(&io_id)
    }

    /// The frame a decode gives, when it is in memory. A selected frame is not what the animation shows.
    pub(crate) fn canvas(&self, io_id: i32, options: &DecodeOptions) -> Option<Arc<RowBuf>> {
        if options.select_frame.is_some() {
            return None;
        }
        self.current.get(&io_id).cloned()
    }

    /// The whole frame of a still picture that an animated job needs for every frame; `Err` gives the decoder back when
    /// the picture is too large to be kept.
    pub(crate) fn still(
        &self,
        io_id: i32,
        options: &DecodeOptions,
        decoder: Box<dyn Decoder>,
        control: &JobControl,
    ) -> Result<Result<Arc<RowBuf>, Box<dyn Decoder>>, CodecError> {
        let mut stills = self.stills.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |s: &&(i32, DecodeOptions, Arc<RowBuf>)| s.0 == io_id && s.1 == *options;
        if let Some((_, _, frame)) = stills.iter().find(same) {
            return Ok(Ok(frame.clone()));
        }
        if decoder.header().stored.area().saturating_mul(4) > MAX_HELD_BYTES {
            return Ok(Err(decoder));
        }
        let mut source = decoder.into_rows(options, control)?;
        let mut frame = RowBuf::whole(source.frame(), control)?;
        let failed = |error| match error {
            imageflow_pixels::StreamError::Control(control) => CodecError::Control(control),
            imageflow_pixels::StreamError::Codec(codec) => match codec.downcast::<CodecError>() {
                Ok(codec) => *codec,
                Err(other) => CodecError::InvalidArgument(other.to_string()),
            },
        };
        source.read_rows(&mut frame.all_mut()).map_err(failed)?;
        let frame = Arc::new(frame);
        stills.push((io_id, *options, frame.clone()));
        Ok(Ok(frame))
    }

    /// What the `index`-th look found on the first frame of an animation: later frames must not jump.
    pub(super) fn found(&self, index: usize) -> Option<Found> {
        if !self.is_animated() {
            return None;
        }
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.get(index).cloned()
    }

    /// Remembers what the next look found.
    pub(super) fn remember(&self, found: &Found) {
        if self.is_animated() {
            let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(found.clone());
        }
    }
}
