//! Image data in blocks of up to 255 bytes, each after its length.

/// Cuts bytes into sub-blocks.
pub(super) struct SubBlocks {
    done: Vec<u8>,
    /// Where in `done` the length of the open block is.
    open: usize,
}

impl SubBlocks {
    /// Starts with the byte that precedes the blocks.
    pub(super) fn new(first: u8) -> SubBlocks {
        SubBlocks {
            done: vec![first, 0],
            open: 1,
        }
    }

    pub(super) fn push(&mut self, byte: u8) {
        self.done.push(byte);
        if self.open_length() == 255 {
            self.close();
            self.open = self.done.len();
            self.done.push(0);
        }
    }

    /// The blocks that are complete.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let rest = self.done.split_off(self.open);
        self.open = 0;
        std::mem::replace(&mut self.done, rest)
    }

    /// Everything else, with the terminator.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.open_length() > 0 {
            self.close();
            self.done.push(0);
        }
        self.done
    }

    fn open_length(&self) -> usize {
        self.done.len() - self.open - 1
    }

    fn close(&mut self) {
        let length = self.open_length() as u8;
        if let Some(byte) = self.done.get_mut(self.open) {
            *byte = length;
        }
    }
}
