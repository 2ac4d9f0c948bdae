//! The nearest palette entry, exactly and fast.
//!
//! The space is cut into cells; a cell's list holds every entry that can be nearest to some point in it, and is made when
//! the first point asks. Bounds: an entry whose least distance to the cell exceeds another's greatest cannot win.

/// Finds nearest entries under a weighted squared distance in `N` dimensions.
pub(crate) struct Nearest<const N: usize> {
    /// As many as an index can name: looking one up needs no bounds check.
    entries: Box<[[i32; N]; 256]>,
    count: usize,
    weights: [i32; N],
    /// Where each cell's list is in `lists`; empty for cells nobody asked for.
    cells: Vec<(u32, u32)>,
    lists: Vec<u8>,
}

/// The points of a cell lie in `low..=high` in every dimension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell<const N: usize> {
    pub(crate) key: usize,
    pub(crate) low: [i32; N],
    pub(crate) high: [i32; N],
}

impl<const N: usize> Nearest<N> {
    /// `palette` has at least one entry; those beyond 256 are left out.
    pub(crate) fn new(
        palette: impl ExactSizeIterator<Item = [i32; N]>,
        weights: [i32; N],
        cells: usize,
    ) -> Nearest<N> {
        let mut entries = Box::new([[0; N]; 256]);
        let count = palette.len().min(256);
        for (slot, entry) in entries.iter_mut().zip(palette) {
            *slot = entry;
        }
        Nearest {
            entries,
            count,
            weights,
            cells: vec![(0, 0); cells],
            lists: Vec::new(),
        }
    }

    /// The entry nearest to `point`; `cell` tells the bounds of the cell `key`, which the point is in.
    #[inline]
    pub(crate) fn find(
        &mut self,
        key: usize,
        point: [i32; N],
        cell: impl FnOnce(usize) -> Cell<N>,
    ) -> u8 {
        let (start, end) = match self.cells.get(key) {
            Some(span) if span.0 < span.1 => *span,
            _ => self.make(cell(key)),
        };
        let mut best = (i32::MAX, 0);
        for index in self
            .lists
            .get(start as usize..end as usize)
            .unwrap_or_default()
        {
            let entry = &self.entries[usize::from(*index)];
            let mut distance = 0;
            for dimension in 0..N {
                let d = point[dimension] - entry[dimension];
                distance += d * d * self.weights[dimension];
            }
            if distance < best.0 {
                best = (distance, *index);
            }
        }
        best.1
    }

    /// The palette entry in the metric's coordinates.
    #[inline]
    pub(crate) fn entry(&self, index: u8) -> [i32; N] {
        self.entries[usize::from(index)]
    }

    #[cold]
    fn make(&mut self, cell: Cell<N>) -> (u32, u32) {
        let bounds: Vec<(i32, i32)> = self
            .entries
            .iter()
            .take(self.count)
            .map(|entry| self.bounds(entry, &cell))
            .collect();
        let reach = bounds.iter().map(|(_, most)| *most).min().unwrap_or(0);
        let start = self.lists.len() as u32;
        self.lists.extend(
            bounds
                .iter()
                .zip(0u8..=255)
                .filter(|((least, _), _)| *least <= reach)
                .map(|(_, index)| index),
        );
        let span = (start, self.lists.len() as u32);
        if let Some(slot) = self.cells.get_mut(cell.key) {
            *slot = span;
        }
        span
    }

    /// Least and greatest distance of an entry to a cell.
    fn bounds(&self, entry: &[i32; N], cell: &Cell<N>) -> (i32, i32) {
        let (mut least, mut most) = (0, 0);
        let limits = cell.low.iter().zip(cell.high);
        for ((low, high), (value, weight)) in limits.zip(entry.iter().zip(self.weights)) {
            let near = (low - value).max(value - high).max(0);
            let far = (value - low).abs().max((value - high).abs());
            least += near * near * weight;
            most += far * far * weight;
        }
        (least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_looking_at_all_entries() {
        let mut seed = 7u32;
        let mut random = || {
            seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
            (seed >> 24) as i32
        };
        let entries: Vec<[i32; 3]> = (0..256).map(|_| [random(), random(), random()]).collect();
        let weights = [1, 4, 2];
        let mut nearest = Nearest::new(entries.iter().copied(), weights, 512);
        for _ in 0..5000 {
            let point = [random(), random(), random()];
            let corner = point.map(|v| v >> 5);
            let key = (corner[0] << 6 | corner[1] << 3 | corner[2]) as usize;
            let index = nearest.find(key, point, |key| Cell {
                key,
                low: corner.map(|v| v << 5),
                high: corner.map(|v| (v << 5) + 31),
            });
            let distance = |e: &[i32; 3]| {
                (0..3)
                    .map(|d| (point[d] - e[d]).pow(2) * weights[d])
                    .sum::<i32>()
            };
            let all = entries.iter().map(distance).min();
            assert_eq!(Some(distance(&entries[usize::from(index)])), all);
        }
    }
}
