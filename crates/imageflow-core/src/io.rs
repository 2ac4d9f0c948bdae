//! Inputs and outputs of a context: one table, one id space.
//!
//! Inputs can be read any number of times. What an output receives, a file or bytes in memory, is kept aside and takes the place of
//! what was there only when the whole job succeeded ([`IoTable::commit`]).

mod file;
mod input;
mod output;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::path::Path;

use imageflow_codecs::{Bytes, Input};
use imageflow_pixels::JobControl;

use crate::error::{Error, ErrorKind};
use crate::limits::SecurityLimits;
use crate::suggest::listed;

pub use input::InputEntry;
use input::Origin;
pub(crate) use input::webp_scaled;
pub use output::{OutputBytes, OutputEntry, OutputPlace};

/// Inputs and outputs by id.
#[derive(Debug, Default)]
pub struct IoTable {
    entries: BTreeMap<i32, Entry>,
}

#[derive(Debug)]
enum Entry {
    Input(InputEntry),
    Output(OutputEntry),
}

impl IoTable {
    /// Makes an empty table.
    pub fn new() -> IoTable {
        IoTable::default()
    }

    /// Adds an input whose bytes are in memory.
    ///
    /// # Errors
    /// [`ErrorKind::DuplicateIoId`]; [`ErrorKind::NoEnabledDecoderFound`] when the first bytes belong to no known format.
    pub fn add_bytes(
        &mut self,
        io_id: i32,
        bytes: Bytes,
        limits: &SecurityLimits,
    ) -> Result<(), Error> {
        self.insert(io_id, || {
            InputEntry::new(Input::Memory(bytes), Origin::Caller, limits).map(Entry::Input)
        })
    }

    /// Adds an input that is read from a file. What is not a regular file (a pipe) is read at once, up to
    /// `max_input_file_bytes`, while `control` lets it.
    ///
    /// # Errors
    /// As [`IoTable::add_bytes`], [`ErrorKind::DecodingIoError`], and [`ErrorKind::OperationCancelled`].
    pub fn add_file(
        &mut self,
        io_id: i32,
        path: &Path,
        limits: &SecurityLimits,
        control: &JobControl,
    ) -> Result<(), Error> {
        self.insert(io_id, || {
            let input = input::open_file(path, limits.max_input_file_bytes, control)?;
            InputEntry::new(input, Origin::File, limits).map(Entry::Input)
        })
    }

    /// Adds an output.
    ///
    /// # Errors
    /// [`ErrorKind::DuplicateIoId`]; [`ErrorKind::EncodingIoError`] for a file that cannot be written.
    pub fn add_output(&mut self, io_id: i32, place: OutputPlace) -> Result<(), Error> {
        self.insert(io_id, || OutputEntry::new(place).map(Entry::Output))
    }

    fn insert(
        &mut self,
        io_id: i32,
        entry: impl FnOnce() -> Result<Entry, Error>,
    ) -> Result<(), Error> {
        match self.entries.entry(io_id) {
            Slot::Occupied(_) => {
                let text = format!("io_id {io_id} is already in use on this context");
                Err(Error::new(ErrorKind::DuplicateIoId, text)
                    .advise("give every input and output an id of its own"))
            }
            Slot::Vacant(slot) => {
                slot.insert(entry().map_err(|error| error.at_io(io_id))?);
                Ok(())
            }
        }
    }

    /// Lets inputs that are registered obey these limits from now on.
    pub fn obey(&mut self, limits: &SecurityLimits) {
        for entry in self.entries.values_mut() {
            if let Entry::Input(input) = entry {
                input.obey(limits);
            }
        }
    }

    /// Finds an input.
    ///
    /// # Errors
    /// [`ErrorKind::IoIdNotFound`]; [`ErrorKind::InvalidArgument`] when the id belongs to an output.
    pub fn input(&self, io_id: i32) -> Result<&InputEntry, Error> {
        match self.entries.get(&io_id) {
            Some(Entry::Input(entry)) => Ok(entry),
            Some(Entry::Output(_)) => {
                let error = Error::new(ErrorKind::InvalidArgument, "Not a decoder").at_io(io_id);
                Err(error.advise(format_args!("io_id {io_id} is an output; {}", self.known())))
            }
            None => Err(self.not_found(io_id)),
        }
    }

    /// Adds a command that every later decode of this input obeys.
    ///
    /// # Errors
    /// As [`IoTable::input`].
    pub fn tell_decoder(
        &mut self,
        io_id: i32,
        command: imageflow_types::DecoderCommand,
    ) -> Result<(), Error> {
        if let Some(Entry::Input(entry)) = self.entries.get_mut(&io_id) {
            entry.commands.push(command);
            return Ok(());
        }
        self.input(io_id).map(|_| ())
    }

    /// All inputs, by ascending id.
    pub fn inputs(&self) -> impl Iterator<Item = (i32, &InputEntry)> {
        self.entries.iter().filter_map(|(id, entry)| match entry {
            Entry::Input(input) => Some((*id, input)),
            Entry::Output(_) => None,
        })
    }

    /// Finds an output.
    ///
    /// # Errors
    /// [`ErrorKind::IoIdNotFound`]; [`ErrorKind::InvalidArgument`] when the id belongs to an input.
    pub fn output(&self, io_id: i32) -> Result<&OutputEntry, Error> {
        match self.entries.get(&io_id) {
            Some(Entry::Output(entry)) => Ok(entry),
            Some(Entry::Input(_)) => {
                let text = format!("io_id {io_id} is not an output buffer, but an input");
                let error = Error::new(ErrorKind::InvalidArgument, text).at_io(io_id);
                Err(error.advise(self.known()))
            }
            None => Err(self.not_found(io_id)),
        }
    }

    /// All outputs, by ascending id.
    pub fn outputs(&self) -> impl Iterator<Item = (i32, &OutputEntry)> {
        self.entries.iter().filter_map(|(id, entry)| match entry {
            Entry::Output(output) => Some((*id, output)),
            Entry::Input(_) => None,
        })
    }

    fn not_found(&self, io_id: i32) -> Error {
        let text = format!("No codec with io_id {io_id}; all codecs searched.");
        Error::new(ErrorKind::IoIdNotFound, text).advise(self.known())
    }

    /// The ids there are, for error text.
    fn known(&self) -> String {
        format!(
            "inputs: {}; outputs: {}",
            listed(self.inputs().map(|(id, _)| id)),
            listed(self.outputs().map(|(id, _)| id))
        )
    }

    /// Makes visible what a successful job wrote: files get their final names, and bytes can be fetched.
    ///
    /// # Errors
    /// [`ErrorKind::EncodingIoError`], also for a write that failed unnoticed when its buffer was flushed. Nothing is moved
    /// when any file is incomplete.
    pub fn commit(&self) -> Result<(), Error> {
        for (io_id, output) in self.outputs() {
            output
                .check_complete()
                .map_err(|error| error.at_io(io_id))?;
        }
        for (io_id, output) in self.outputs() {
            output.commit().map_err(|error| error.at_io(io_id))?;
        }
        Ok(())
    }

    /// Removes what a failed job wrote. What an earlier job wrote stays.
    pub fn discard(&self) {
        for (_, output) in self.outputs() {
            output.discard();
        }
    }

    /// Drops all inputs and outputs but the bytes that were lent out, which stay where they are.
    pub(crate) fn close(&mut self) -> Vec<OutputBytes> {
        let entries = std::mem::take(&mut self.entries);
        let outputs = entries.into_values().filter_map(|entry| match entry {
            Entry::Output(output) => Some(output),
            Entry::Input(_) => None,
        });
        outputs.flat_map(|output| output.into_lent()).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use std::io::Write;

    fn limits() -> SecurityLimits {
        SecurityLimits::default()
    }

    fn png() -> Bytes {
        Bytes::Shared(b"\x89PNG\r\n\x1a\n and more".as_slice().into())
    }

    fn directory(name: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("imageflow-io-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    fn files(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(directory)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn ids_are_shared_by_inputs_and_outputs() {
        let mut io = IoTable::new();
        io.add_bytes(-7, png(), &limits()).unwrap();
        io.add_output(1, OutputPlace::Buffer).unwrap();
        for result in [
            io.add_bytes(1, png(), &limits()),
            io.add_bytes(-7, png(), &limits()),
        ] {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::DuplicateIoId);
        }
        assert_eq!(
            io.add_output(-7, OutputPlace::Buffer).unwrap_err().kind(),
            ErrorKind::DuplicateIoId
        );
        assert_eq!(io.input(1).unwrap_err().message(), "Not a decoder");
        assert_eq!(
            io.input(2).unwrap_err().message(),
            "No codec with io_id 2; all codecs searched."
        );
        assert_eq!(
            io.output(-7).unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        assert_eq!(io.output(2).unwrap_err().kind(), ErrorKind::IoIdNotFound);
    }

    #[test]
    fn unknown_bytes_are_shown_in_hexadecimal_and_leave_the_id_free() {
        let mut io = IoTable::new();
        let error = io
            .add_bytes(0, Bytes::Shared([1, 2, 0xAB].as_slice().into()), &limits())
            .unwrap_err();
        let expected =
            "No ENABLED decoder found for file starting in [1, 2, AB, 0, 0, 0, 0, 0, 0, 0, 0, 0]";
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::NoEnabledDecoderFound, expected)
        );
        let empty = io
            .add_bytes(0, Bytes::Shared([].as_slice().into()), &limits())
            .unwrap_err();
        assert!(
            empty
                .message()
                .ends_with("starting in [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]; the file is empty")
        );
        io.add_bytes(0, png(), &limits()).unwrap();
    }

    #[test]
    fn a_second_job_replaces_bytes_and_lent_ones_stay() {
        let mut io = IoTable::new();
        io.add_output(1, OutputPlace::Buffer).unwrap();
        let output = io.output(1).unwrap();
        output.begin().unwrap().write_all(b"first").unwrap();
        io.commit().unwrap();
        let lent = output.lend(1).unwrap();
        output.begin().unwrap().write_all(b"second").unwrap();
        assert_eq!(output.lend(1).unwrap().as_slice(), b"first");
        io.commit().unwrap();
        assert_eq!(
            (lent.as_slice(), output.lend(1).unwrap().as_slice()),
            (b"first".as_slice(), b"second".as_slice())
        );
        assert_eq!(io.close().len(), 2);
    }

    #[test]
    fn a_failed_job_leaves_no_bytes_and_what_was_there_stays() {
        let mut io = IoTable::new();
        io.add_output(1, OutputPlace::Buffer).unwrap();
        let output = io.output(1).unwrap();
        for (text, is_good) in [("lost", false), ("kept", true), ("lost again", false)] {
            let mut writer = output.begin().unwrap();
            writer.write_all(text.as_bytes()).unwrap();
            drop(writer);
            if is_good {
                io.commit().unwrap();
            } else {
                io.discard();
            }
            io.commit().unwrap();
            let expected = if text == "lost" { "" } else { "kept" };
            assert_eq!(output.lend(1).unwrap().as_slice(), expected.as_bytes());
        }
    }

    #[test]
    fn unknown_bytes_of_a_file_are_not_shown() {
        let directory = directory("unknown");
        let path = directory.join("secret.txt");
        std::fs::write(&path, b"\x01\x02password").unwrap();
        let mut io = IoTable::new();
        let error = io
            .add_file(0, &path, &limits(), &JobControl::default())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoEnabledDecoderFound);
        let text = error.to_string();
        assert!(
            text.contains("No ENABLED decoder found for file: "),
            "{text}"
        );
        assert!(!text.contains('[') && !text.contains("70"), "{text}");
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn taking_after_lending_and_lending_after_taking_are_errors() {
        let mut io = IoTable::new();
        io.add_output(1, OutputPlace::Buffer).unwrap();
        io.add_output(2, OutputPlace::Buffer).unwrap();
        assert!(io.output(1).unwrap().lend(1).unwrap().is_empty());
        let text = io.output(1).unwrap().take(1).unwrap_err();
        assert_eq!(
            text.message(),
            "Cannot take output buffer for io_id 1: a raw pointer was already lent out"
        );
        assert!(io.output(2).unwrap().take(2).unwrap().is_empty());
        for error in [
            io.output(2).unwrap().take(2).unwrap_err(),
            io.output(2).unwrap().lend(2).unwrap_err(),
        ] {
            assert_eq!(
                error.message(),
                "Output buffer for io_id 2 has already been taken"
            );
        }
    }

    #[test]
    fn a_file_appears_only_after_commit() {
        let directory = directory("commit");
        let target = directory.join("out.png");
        std::fs::write(&target, b"old").unwrap();
        let mut io = IoTable::new();
        io.add_output(1, OutputPlace::File(target.clone())).unwrap();
        io.output(1)
            .unwrap()
            .begin()
            .unwrap()
            .write_all(b"new")
            .unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"old");
        io.commit().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"new");
        assert_eq!(files(&directory), ["out.png"]);
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_failed_job_leaves_no_file() {
        let directory = directory("discard");
        let mut io = IoTable::new();
        io.add_output(1, OutputPlace::File(directory.join("a.png")))
            .unwrap();
        io.add_output(2, OutputPlace::File(directory.join("b.png")))
            .unwrap();
        let unfinished = io.output(1).unwrap().begin().unwrap();
        io.output(2)
            .unwrap()
            .begin()
            .unwrap()
            .write_all(b"x")
            .unwrap();
        drop(unfinished);
        io.discard();
        assert_eq!(files(&directory), Vec::<String>::new());
        drop(io);
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn an_output_nobody_writes_leaves_no_trace() {
        let directory = directory("unused");
        let mut io = IoTable::new();
        io.add_output(1, OutputPlace::File(directory.join("a.png")))
            .unwrap();
        io.commit().unwrap();
        drop(io);
        assert_eq!(files(&directory), Vec::<String>::new());
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_permissions_kept() {
        use std::os::unix::fs::PermissionsExt;
        let directory = directory("links");
        let (target, link) = (directory.join("real.png"), directory.join("link.png"));
        std::fs::write(&target, b"old").unwrap();
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut io = IoTable::new();
        io.add_output(1, OutputPlace::File(link.clone())).unwrap();
        io.output(1)
            .unwrap()
            .begin()
            .unwrap()
            .write_all(b"new")
            .unwrap();
        io.commit().unwrap();
        assert!(link.symlink_metadata().unwrap().file_type().is_symlink());
        assert_eq!(std::fs::read(&target).unwrap(), b"new");
        assert_eq!(
            std::fs::metadata(&target).unwrap().permissions().mode() & 0o777,
            0o640
        );
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_written_directly() {
        let mut io = IoTable::new();
        io.add_output(1, OutputPlace::File("/dev/null".into()))
            .unwrap();
        io.output(1)
            .unwrap()
            .begin()
            .unwrap()
            .write_all(b"gone")
            .unwrap();
        io.commit().unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_even_when_only_the_last_flush_fails() {
        let mut io = IoTable::new();
        io.add_output(1, OutputPlace::File("/dev/full".into()))
            .unwrap();
        io.output(1)
            .unwrap()
            .begin()
            .unwrap()
            .write_all(b"little")
            .unwrap();
        assert_eq!(io.commit().unwrap_err().kind(), ErrorKind::EncodingIoError);
    }

    #[test]
    fn a_folder_that_is_missing_is_found_out_before_the_job() {
        let mut io = IoTable::new();
        let place = OutputPlace::File("/nonexistent-folder/a.png".into());
        assert_eq!(
            io.add_output(1, place).unwrap_err().kind(),
            ErrorKind::EncodingIoError
        );
        let error = io
            .add_file(
                0,
                Path::new("/nonexistent-folder/b.png"),
                &limits(),
                &JobControl::default(),
            )
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DecodingIoError);
        assert!(
            error.message().contains("/nonexistent-folder/b.png"),
            "{error}"
        );
    }
}
