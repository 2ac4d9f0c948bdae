//! The rows of one component that upsampling needs at a time.

use super::components::Plane;
use super::upsample::Method;

/// Consecutive rows of a component.
pub(super) struct Window {
    plane: Plane,
    method: Method,
    /// Largest sampling factor down.
    most: usize,
    rows: Vec<u8>,
    /// Number of the first row in `rows`.
    first: usize,
}

impl Window {
    /// `most` are the largest sampling factors of the picture.
    pub(super) fn new(plane: &Plane, most: (usize, usize)) -> Window {
        Window {
            plane: *plane,
            method: Method::new(plane.factors, most, plane.width),
            most: most.1.max(1),
            rows: Vec::new(),
            first: 0,
        }
    }

    /// The component's row that row `y` of the picture lies in, its neighbour, and whether that is below.
    fn place(&self, y: usize) -> (usize, usize, bool) {
        let bottom = self.plane.height.saturating_sub(1);
        let near = (y * self.plane.factors.1 / self.most).min(bottom);
        if !self.method.blends_rows() {
            return (near, near, false);
        }
        let lower = y % 2 == 1;
        let far = if lower {
            near + 1
        } else {
            near.saturating_sub(1)
        };
        (near, far.min(bottom), lower)
    }

    /// Whether the rows for row `y` of the picture are here.
    pub(super) fn has(&self, y: usize) -> bool {
        let (near, far, _) = self.place(y);
        near.max(far) < self.first + self.rows.len() / self.plane.stride.max(1)
    }

    /// Appends `count` rows of `buffer`, and drops those above what row `y` of the picture needs.
    pub(super) fn push(&mut self, buffer: &[u8], count: usize, y: usize) {
        let (near, far, _) = self.place(y);
        let held = self.rows.len() / self.plane.stride.max(1);
        let passed = near.min(far).saturating_sub(self.first).min(held);
        self.rows.drain(..passed * self.plane.stride);
        self.first += passed;
        let new = buffer.get(..count * self.plane.stride).unwrap_or(buffer);
        self.rows.extend_from_slice(new);
    }

    /// Makes the samples of row `y` of the picture.
    pub(super) fn row(&self, y: usize, out: &mut [u8]) {
        let (near, far, lower) = self.place(y);
        self.method.row(self.line(near), self.line(far), lower, out);
    }

    fn line(&self, row: usize) -> &[u8] {
        let start = row.saturating_sub(self.first) * self.plane.stride;
        self.rows
            .get(start..start + self.plane.width)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_and_go_as_the_picture_needs_them() {
        let plane = Plane {
            width: 4,
            height: 19,
            stride: 8,
            factors: (1, 1),
        };
        let mut window = Window::new(&plane, (1, 2));
        let mut pushed = 0;
        for y in 0..37 {
            while !window.has(y) {
                let buffer: Vec<u8> = (pushed..pushed + 8).flat_map(|row| [row * 4; 8]).collect();
                window.push(&buffer, 8.min(19 - usize::from(pushed)), y);
                pushed += 8;
            }
            let mut out = [0; 4];
            window.row(y, &mut out);
            // Samples lie at a quarter and three quarters of their row, clamped at both ends.
            let exact = (y as f64 * 2.0 - 1.0).clamp(0.0, 72.0);
            assert!(
                out.iter().all(|v| (f64::from(*v) - exact).abs() < 1.0),
                "{y}: {out:?}"
            );
            assert!(window.rows.len() <= 10 * 8, "{y}: {}", window.rows.len());
        }
    }
}
