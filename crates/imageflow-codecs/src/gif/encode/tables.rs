//! Which colour table a frame uses: the global one of the first frame, the local one before, or a new one.
//!
//! Choosing colours takes longer than everything else, and a table of 256 colours takes 768 bytes.

use imageflow_pixels::JobControl;

use super::table::Table;
use crate::error::CodecError;
use crate::palette::Distinct;

/// The tables at hand.
#[derive(Default)]
pub(super) struct Tables {
    /// Made for the first frame; the exact colours of later ones are added while it is not [closed](Tables::close).
    global: Option<Table>,
    closed: bool,
    /// Made last for a frame that the global one did not serve.
    local: Option<Table>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Which {
    Global,
    Local,
}

impl Tables {
    pub(super) fn get(&self, which: Which) -> Option<&Table> {
        match which {
            Which::Global => self.global.as_ref(),
            Which::Local => self.local.as_ref(),
        }
    }

    pub(super) fn get_mut(&mut self, which: Which) -> Option<&mut Table> {
        match which {
            Which::Global => self.global.as_mut(),
            Which::Local => self.local.as_mut(),
        }
    }

    /// The table for the head of the file, once it does not change any more.
    pub(super) fn closed_global(&self) -> Option<&Table> {
        self.global.as_ref().filter(|_| self.closed)
    }

    /// Colours are no longer added to the global table.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// A table with all of these colours, and an index for transparent pixels if there is room or they are needed.
    pub(super) fn exact(&mut self, colors: &Distinct, transparent: bool) -> Which {
        if let Some(which) = self.find(|table| table.holds(colors, transparent)) {
            return which;
        }
        if let Some(table) = self.global.as_mut().filter(|_| !self.closed) {
            if (table.transparent().is_some() || !transparent) && table.add(colors) {
                return Which::Global;
            }
            self.closed = true;
        }
        self.put(Table::exact(colors, transparent))
    }

    /// A table that serves these pixels, with an index for transparent ones if they are needed.
    pub(super) fn chosen(
        &mut self,
        pixels: &[[u8; 4]],
        transparent: bool,
        control: &JobControl,
    ) -> Result<Which, CodecError> {
        let found = self
            .find(|table| (table.transparent().is_some() || !transparent) && table.serves(pixels));
        Ok(match found {
            Some(which) => which,
            None if pixels.is_empty() => self.put(Table::exact(&Distinct::default(), transparent)),
            None => {
                // The quantiser's copy.
                let bytes = size_of_val(pixels) as u64;
                let _reservation = control.reserve(bytes)?;
                self.put(Table::chosen(pixels, transparent, control)?)
            }
        })
    }

    fn find(&mut self, mut fits: impl FnMut(&mut Table) -> bool) -> Option<Which> {
        let mut fits = |table: &mut Option<Table>| table.as_mut().is_some_and(&mut fits);
        if fits(&mut self.global) {
            Some(Which::Global)
        } else if fits(&mut self.local) {
            Some(Which::Local)
        } else {
            None
        }
    }

    fn put(&mut self, table: Table) -> Which {
        if self.global.is_none() {
            self.global = Some(table);
            Which::Global
        } else {
            self.local = Some(table);
            Which::Local
        }
    }
}
