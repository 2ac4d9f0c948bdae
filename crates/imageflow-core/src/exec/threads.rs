//! A decoder or an encoder on a thread of its own, when the job may use more than one. The bytes are the same either way.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use imageflow_codecs::CodecError;
use imageflow_pixels::{
    EncodeReport, FrameInfo, JobControl, RowBuf, RowSink, RowSource, Rows, RowsMut, StreamError,
};

/// Rows that travel between threads at once.
const STRIP: u32 = 16;
/// Strips that may wait: one being filled, one being emptied.
const DEPTH: usize = 2;

type Parcel = Result<RowBuf, StreamError>;

/// Moves a source to its own thread if the job may use two.
pub(super) fn threaded_source(
    source: Box<dyn RowSource>,
    control: &JobControl,
) -> Box<dyn RowSource> {
    if control.threads() < 2 {
        source
    } else {
        Box::new(ThreadedSource::Waiting {
            source,
            control: control.clone(),
        })
    }
}

/// Moves a sink to its own thread if the job may use three.
pub(super) fn threaded_sink(
    sink: Box<dyn RowSink>,
    frame: FrameInfo,
    control: &JobControl,
) -> Box<dyn RowSink> {
    if control.threads() < 3 {
        sink
    } else {
        Box::new(ThreadedSink::start(sink, frame, control))
    }
}

enum ThreadedSource {
    /// Not asked for rows yet.
    Waiting {
        source: Box<dyn RowSource>,
        control: JobControl,
    },
    Running(Running),
    /// Only while changing state.
    Ended(FrameInfo),
}

struct Running {
    frame: FrameInfo,
    strips: Option<Receiver<Parcel>>,
    current: Option<RowBuf>,
    thread: Option<JoinHandle<()>>,
}

impl ThreadedSource {
    fn running(&mut self, first: u32) -> Result<&mut Running, StreamError> {
        if let ThreadedSource::Waiting { source, .. } = self {
            let ended = ThreadedSource::Ended(source.frame());
            if let ThreadedSource::Waiting { source, control } = std::mem::replace(self, ended) {
                *self = ThreadedSource::Running(Running::start(source, control, first));
            }
        }
        match self {
            ThreadedSource::Running(running) => Ok(running),
            _ => Err(ended("decoder")),
        }
    }
}

fn ended(who: &str) -> StreamError {
    CodecError::InvalidArgument(format!("the {who}'s thread ended early")).into()
}

impl Running {
    fn start(mut source: Box<dyn RowSource>, control: JobControl, first: u32) -> Running {
        let frame = source.frame();
        let (sender, receiver) = sync_channel(DEPTH);
        let thread = std::thread::spawn(move || {
            let height = frame.size.height();
            let mut y = first;
            while y < height {
                let end = (y + STRIP).min(height);
                let strip = read_strip(source.as_mut(), y, end, &control);
                let failed = strip.is_err();
                // A closed channel means that nobody needs more rows.
                if sender.send(strip).is_err() || failed {
                    return;
                }
                y = end;
            }
        });
        Running {
            frame,
            strips: Some(receiver),
            current: None,
            thread: Some(thread),
        }
    }

    fn row(&mut self, y: u32) -> Result<&RowBuf, StreamError> {
        while self
            .current
            .as_ref()
            .is_none_or(|strip| strip.valid().end <= y)
        {
            let next = self.strips.as_ref().and_then(|strips| strips.recv().ok());
            self.current = Some(next.ok_or_else(|| ended("decoder"))??);
        }
        self.current.as_ref().ok_or_else(|| ended("decoder"))
    }
}

fn read_strip(source: &mut dyn RowSource, start: u32, end: u32, control: &JobControl) -> Parcel {
    control.check()?;
    let mut strip = RowBuf::new(source.frame(), STRIP, control)?;
    source.read_rows(&mut strip.advance(start..end, start))?;
    Ok(strip)
}

impl Drop for Running {
    fn drop(&mut self) {
        self.strips = None;
        if let Some(thread) = self.thread.take() {
            // A panic in the thread already showed as a closed channel.
            let _ = thread.join();
        }
    }
}

impl RowSource for ThreadedSource {
    fn frame(&self) -> FrameInfo {
        match self {
            ThreadedSource::Waiting { source, .. } => source.frame(),
            ThreadedSource::Running(running) => running.frame,
            ThreadedSource::Ended(frame) => *frame,
        }
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        let range = out.range();
        let running = self.running(range.start)?;
        for y in range {
            let strip = running.row(y)?;
            out.row_mut(y).copy_from_slice(strip.rows(y..y + 1).row(y));
        }
        Ok(())
    }
}

enum Parcels {
    Rows(RowBuf),
    Finish,
}

struct ThreadedSink {
    frame: FrameInfo,
    control: JobControl,
    strips: Option<SyncSender<Parcels>>,
    thread: Option<JoinHandle<Result<EncodeReport, StreamError>>>,
}

impl ThreadedSink {
    fn start(mut sink: Box<dyn RowSink>, frame: FrameInfo, control: &JobControl) -> ThreadedSink {
        let (sender, receiver) = sync_channel::<Parcels>(DEPTH);
        let thread = std::thread::spawn(move || {
            while let Ok(parcel) = receiver.recv() {
                match parcel {
                    Parcels::Rows(strip) => sink.write_rows(&strip.rows(strip.valid()))?,
                    Parcels::Finish => return sink.finish(),
                }
            }
            Err(ended("encoder"))
        });
        ThreadedSink {
            frame,
            control: control.clone(),
            strips: Some(sender),
            thread: Some(thread),
        }
    }

    /// The thread's own error, which says more than the closed channel.
    fn join(&mut self) -> Result<EncodeReport, StreamError> {
        self.strips = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(ended("encoder")),
        }
    }
}

impl RowSink for ThreadedSink {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        let range = rows.range();
        let mut strip = RowBuf::new(self.frame, range.len() as u32, &self.control)?;
        let mut copy = strip.advance(range.clone(), range.start);
        for y in range {
            copy.row_mut(y).copy_from_slice(rows.row(y));
        }
        let sent = self
            .strips
            .as_ref()
            .is_some_and(|strips| strips.send(Parcels::Rows(strip)).is_ok());
        if sent {
            Ok(())
        } else {
            self.join().and(Err(ended("encoder")))
        }
    }

    fn finish(mut self: Box<Self>) -> Result<EncodeReport, StreamError> {
        if let Some(strips) = &self.strips {
            // A closed channel shows as the thread's error below.
            let _ = strips.send(Parcels::Finish);
        }
        self.join()
    }
}

impl Drop for ThreadedSink {
    fn drop(&mut self) {
        if self.thread.is_some() {
            let _ = self.join();
        }
    }
}
