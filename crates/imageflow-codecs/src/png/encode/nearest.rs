//! The nearest palette entry, exactly and fast.
//!
//! The space is cut into cells; a cell's list holds every entry that can be nearest to some point in it, and is made when
//! the first point asks. Bounds: an entry whose least distance to the cell exceeds another's greatest cannot win.

/// Finds nearest entries under a weighted squared distance in `N` dimensions.
pub(super) struct Nearest<const N: usize> {
    entries: Vec<[i32; N]>,
    weights: [i32; N],
    /// 1 + index into `lists`; 0 is not made yet.
    cells: Vec<u32>,
    lists: Vec<Vec<u8>>,
}

/// The points of a cell lie in `low..=high` in every dimension.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<const N: usize> {
    pub(super) key: usize,
    pub(super) low: [i32; N],
    pub(super) high: [i32; N],
}

impl<const N: usize> Nearest<N> {
    /// `entries` has at most 256 and at least one.
    pub(super) fn new(entries: Vec<[i32; N]>, weights: [i32; N], cells: usize) -> Nearest<N> {
        Nearest { entries, weights, cells: vec![0; cells], lists: Vec::new() }
    }

    /// The entry nearest to `point`, and its distance; `cell` tells which cell the point is in.
    #[inline]
    pub(super) fn find(&mut self, key: usize, point: [i32; N], cell: impl FnOnce(usize) -> Cell<N>) -> (u8, i32) {
        let list = match self.cells.get(key) {
            Some(0) | None => self.make(cell(key)),
            Some(made) => *made as usize - 1,
        };
        let mut best = (0, i32::MAX);
        for index in self.lists.get(list).map(Vec::as_slice).unwrap_or_default() {
            if let Some(entry) = self.entries.get(usize::from(*index)) {
                let mut distance = 0;
                for dimension in 0..N {
                    let d = point[dimension] - entry[dimension];
                    distance += d * d * self.weights[dimension];
                }
                if distance < best.1 {
                    best = (*index, distance);
                }
            }
        }
        best
    }

    /// The palette entry in the metric's coordinates.
    pub(super) fn entry(&self, index: u8) -> [i32; N] {
        self.entries.get(usize::from(index)).copied().unwrap_or([0; N])
    }

    #[cold]
    fn make(&mut self, cell: Cell<N>) -> usize {
        let bounds: Vec<(i32, i32)> = self.entries.iter().map(|entry| self.bounds(entry, &cell)).collect();
        let reach = bounds.iter().map(|(_, most)| *most).min().unwrap_or(0);
        let list = bounds.iter().zip(0u8..=255).filter(|((least, _), _)| *least <= reach).map(|(_, index)| index).collect();
        self.lists.push(list);
        if let Some(slot) = self.cells.get_mut(cell.key) {
            *slot = self.lists.len() as u32;
        }
        self.lists.len() - 1
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
        let mut nearest = Nearest::new(entries.clone(), weights, 512);
        for _ in 0..5000 {
            let point = [random(), random(), random()];
            let corner = point.map(|v| v >> 5);
            let key = (corner[0] << 6 | corner[1] << 3 | corner[2]) as usize;
            let (_, distance) = nearest.find(key, point, |key| Cell { key, low: corner.map(|v| v << 5), high: corner.map(|v| (v << 5) + 31) });
            let all = entries.iter().map(|e| (0..3).map(|d| (point[d] - e[d]).pow(2) * weights[d]).sum::<i32>()).min();
            assert_eq!(Some(distance), all);
        }
    }
}
