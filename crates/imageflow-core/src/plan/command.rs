//! The `command_string` node: a querystring becomes nodes, which are expanded like any others.

use imageflow_pixels::Size;
use imageflow_types::{DecoderCommand, EncoderPreset, MetadataPolicy, Node, Watermark};

use super::expand::{Branch, Expander};
use super::smart::Search;
use crate::error::{Error, ErrorKind};

/// The encoder preset of a querystring, and what of the metadata it keeps.
pub(super) fn encoding(value: &str) -> (EncoderPreset, MetadataPolicy) {
    let wishes = imageflow_querystring::parse(value).0.settled();
    (
        imageflow_querystring::complete_preset(&wishes),
        imageflow_querystring::metadata_policy(&wishes).unwrap_or_default(),
    )
}

impl Expander<'_> {
    pub(super) fn command_string(
        &mut self,
        value: &str,
        decode: Option<i32>,
        parent: Option<Branch>,
        watermarks: Option<&[Watermark]>,
    ) -> Result<Branch, Error> {
        let params = |text: &str| Error::new(ErrorKind::InvalidNodeParams, text);
        let mut instructions = imageflow_querystring::parse(value).0;
        let trim = instructions.take_trim();
        let instructions = instructions.settled();
        let branch = match (decode, parent) {
            (Some(_), Some(_)) => {
                return Err(params(
                    "CommandString must either have decode: null or have no parent nodes. Specifying a value for decode creates a new decoder node.",
                ));
            }
            (None, None) => {
                return Err(params(
                    "CommandString must have a parent node unless 'decode' has a numeric value. Otherwise it has no image source. ",
                ));
            }
            (Some(io_id), None) => {
                let full = self.probe(io_id, &[])?.header.oriented();
                let mut commands =
                    imageflow_querystring::decoder_commands(&instructions, pair(full));
                if trim.is_some() {
                    commands.retain(|command| !is_size_hint(command));
                }
                let probe = self.probe(io_id, &commands)?;
                self.decoded(io_id, &probe).map_err(|e| e.at_io(io_id))?
            }
            (None, Some(parent)) if trim.is_some() => parent,
            (None, Some(parent)) => self.rescaled(parent, &instructions)?,
        };
        let branch = match &trim {
            Some(node) => self.frame_node(node, Some(branch), None)?,
            None => branch,
        };
        let size = self.frame(branch.id).size;
        let reference = branch
            .source
            .map_or(size, |source| source.header.oriented());
        let layout = imageflow_querystring::layout(&instructions, pair(size), pair(reference))
            .map_err(|e| Error::new(ErrorKind::LayoutError, format!("{e} for {value}")))?;
        let search = Search::new(layout.search, layout.crop);
        let mut branch = branch;
        for node in
            imageflow_querystring::steps(&instructions, &layout, watermarks.unwrap_or_default())
        {
            branch = match (&node, search) {
                // The one crop among the steps is that of the layout.
                (Node::Crop { .. }, Some(search)) => {
                    branch.then(self.smart_crop(branch.id, search)?)
                }
                _ => self.frame_node(&node, Some(branch), None)?,
            };
        }
        Ok(branch)
    }

    /// A querystring also tells the decoder above it how far it may reduce, when nothing lies between them.
    fn rescaled(
        &mut self,
        parent: Branch,
        instructions: &imageflow_querystring::Instructions,
    ) -> Result<Branch, Error> {
        let Some(source) = parent.source else {
            return Ok(parent);
        };
        let full = source.header.oriented();
        let commands: Vec<DecoderCommand> =
            imageflow_querystring::decoder_commands(instructions, pair(full));
        let plain = self.probe(source.io_id, &[])?;
        let untouched = self.decoded(source.io_id, &plain)?;
        if untouched.id != parent.id {
            return Ok(parent);
        }
        let probe = self.probe(source.io_id, &commands)?;
        self.decoded(source.io_id, &probe)
    }
}

fn is_size_hint(command: &DecoderCommand) -> bool {
    matches!(
        command,
        DecoderCommand::JpegDownscaleHints(_) | DecoderCommand::WebpDecoderHints(_)
    )
}

fn pair(size: Size) -> (u32, u32) {
    (size.width(), size.height())
}
