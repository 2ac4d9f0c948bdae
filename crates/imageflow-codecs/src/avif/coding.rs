//! How the samples of an AV1 picture are to be read.

/// How much coarser the chroma planes are than luma.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sampling {
    /// Luma only.
    Gray,
    /// Half the columns and half the rows.
    Quarter,
    /// Half the columns.
    Half,
    /// As many as luma.
    Full,
}

impl Sampling {
    /// 4:0:0, 4:2:0, 4:2:2 or 4:4:4 by the flags of `av1C`.
    pub(super) fn of(monochrome: bool, half_columns: bool, half_rows: bool) -> Sampling {
        match (monochrome, half_columns, half_rows) {
            (true, _, _) => Sampling::Gray,
            (_, true, true) => Sampling::Quarter,
            (_, true, false) => Sampling::Half,
            _ => Sampling::Full,
        }
    }

    pub(super) fn half_columns(self) -> bool {
        matches!(self, Sampling::Quarter | Sampling::Half)
    }

    pub(super) fn half_rows(self) -> bool {
        self == Sampling::Quarter
    }

    /// Samples of all planes for every eight of luma.
    pub(super) fn samples_of_eight(self) -> u64 {
        match self {
            Sampling::Gray => 8,
            Sampling::Quarter => 12,
            Sampling::Half => 16,
            Sampling::Full => 24,
        }
    }
}

/// Code points of ITU-T H.273; 2 is "unspecified".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CodePoints {
    pub(super) primaries: u16,
    pub(super) transfer: u16,
    pub(super) matrix: u16,
    /// Whether black is 0 and white the largest value; otherwise 16/255 and 235/255.
    pub(super) full_range: bool,
}

/// What a decoded picture says of its samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Coding {
    pub(super) sampling: Sampling,
    /// 8, 10 or 12 bits a sample.
    pub(super) bits: u8,
    pub(super) points: CodePoints,
}

impl Coding {
    /// Of a picture that is not decoded yet.
    pub(super) const NONE: Coding = Coding {
        sampling: Sampling::Gray,
        bits: 8,
        points: CodePoints {
            primaries: 2,
            transfer: 2,
            matrix: 2,
            full_range: true,
        },
    };
}

/// One row of a plane.
#[derive(Clone, Copy, Debug)]
pub(super) enum Samples<'a> {
    /// Of a picture with 8 bits.
    Bytes(&'a [u8]),
    /// Of a picture with more.
    Words(&'a [u16]),
}

impl Samples<'_> {
    /// Appends the first `count` samples, or as many as there are.
    pub(super) fn append_to(self, out: &mut Vec<u16>, count: usize) {
        match self {
            Samples::Bytes(row) => out.extend(row.iter().take(count).map(|v| u16::from(*v))),
            Samples::Words(row) => out.extend(row.iter().take(count)),
        }
    }
}

/// Planes that can be read row by row.
pub(super) trait Planes {
    /// How the samples are to be read.
    fn coding(&self) -> Coding;

    /// Replaces `out` with row `y` of a plane (0 luma, 1 and 2 chroma, each with rows of its own), which must exist.
    fn copy_row(&self, plane: usize, y: u32, out: &mut Vec<u16>);
}
