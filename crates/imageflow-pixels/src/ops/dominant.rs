//! The few colours that stand for a frame.
//!
//! Visible pixels are gathered by colour, in buckets of 8 values per channel; the buckets are split in two along the axis
//! of largest spread until there are five groups, which k-means then settles (all in Oklab, where distances are what eyes
//! see: Björn Ottosson, <https://bottosson.github.io/posts/oklab/>). Groups of nearly one colour become one. A group shows
//! the colour that most of it has, else its mean.

use std::collections::BTreeMap;

use super::Bgra;
use crate::transfer::{linear_to_srgb, srgb_to_linear};
use crate::{Alpha, FrameInfo};

/// Most colours.
const COLORS: usize = 5;
/// Rounds of k-means; five groups hardly move after these.
const ROUNDS: usize = 12;
/// Distance in Oklab below which two colours are one; black and white are 1 apart.
const SAME: f64 = 0.07;
/// The least share of a colour.
const LEAST_SHARE: f64 = 0.01;
/// Alpha from which a pixel counts.
const VISIBLE: u8 = 128;

/// A colour and its share of the pixels that count.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Dominant {
    /// sRGB-encoded, opaque.
    pub color: Bgra,
    /// 0.0 to 1.0.
    pub share: f64,
}

/// Gathers colours while rows pass. Memory and work grow with the number of different colours: reduce the frame first.
#[derive(Debug)]
pub struct DominantColors {
    alpha: Alpha,
    /// Pixels and their sums in Oklab, by the upper five bits of B, G, R.
    buckets: BTreeMap<[u8; 3], Group>,
}

/// Some pixels of similar colour.
#[derive(Clone, Copy, Default, Debug)]
struct Group {
    pixels: f64,
    /// Sum of their colours in Oklab.
    sum: [f64; 3],
}

impl Group {
    fn join(&mut self, other: &Group) {
        self.pixels += other.pixels;
        for (a, b) in self.sum.iter_mut().zip(other.sum) {
            *a += b;
        }
    }

    fn of(buckets: &[Group]) -> Group {
        let mut all = Group::default();
        buckets.iter().for_each(|bucket| all.join(bucket));
        all
    }

    fn mean(&self) -> [f64; 3] {
        self.sum.map(|v| v / self.pixels.max(1.0))
    }
}

/// Buckets that became one colour.
#[derive(Clone, Copy, Default, Debug)]
struct Cluster {
    all: Group,
    /// The bucket with most pixels.
    largest: Group,
}

impl Cluster {
    fn join(&mut self, other: &Cluster) {
        self.all.join(&other.all);
        if other.largest.pixels > self.largest.pixels {
            self.largest = other.largest;
        }
    }

    /// The colour most of it has, where edges are blurred to others, else the mean.
    fn color(&self) -> [f64; 3] {
        if self.largest.pixels * 2.0 >= self.all.pixels {
            self.largest.mean()
        } else {
            self.all.mean()
        }
    }
}

impl DominantColors {
    /// An empty one for byte rows of this frame.
    pub fn new(frame: FrameInfo) -> DominantColors {
        DominantColors {
            alpha: frame.alpha,
            buckets: BTreeMap::new(),
        }
    }

    /// Takes the next row, B, G, R, A bytes.
    pub fn push_row(&mut self, row: &[u8]) {
        for p in row.chunks_exact(4) {
            if self.alpha.is_meaningful() && p[3] < VISIBLE {
                continue;
            }
            let pixel = Group {
                pixels: 1.0,
                sum: oklab([p[0], p[1], p[2]]),
            };
            let key = [p[0] >> 3, p[1] >> 3, p[2] >> 3];
            self.buckets.entry(key).or_default().join(&pixel);
        }
    }

    /// The colours, largest share first; at most five, none when nothing is visible.
    pub fn finish(&self) -> Vec<Dominant> {
        let buckets: Vec<Group> = self.buckets.values().copied().collect();
        let total = Group::of(&buckets).pixels;
        let mut clusters = settle(&buckets, split(buckets.clone()));
        merge(&mut clusters);
        let mut colors: Vec<Dominant> = clusters
            .iter()
            .map(|cluster| Dominant {
                color: srgb(cluster.color()),
                share: cluster.all.pixels / total,
            })
            .filter(|dominant| dominant.share >= LEAST_SHARE)
            .collect();
        colors.sort_by(|a, b| {
            let by_share = b.share.total_cmp(&a.share);
            by_share.then(a.color.0.cmp(&b.color.0))
        });
        colors
    }
}

/// Splits buckets into groups (median cut, at the mean); returns the mean of each.
fn split(buckets: Vec<Group>) -> Vec<[f64; 3]> {
    let mut groups = vec![buckets];
    groups.retain(|group| !group.is_empty());
    while groups.len() < COLORS {
        let spreads = groups.iter().map(|group| spread(group));
        let widest = spreads
            .enumerate()
            .max_by(|a, b| a.1.1.total_cmp(&b.1.1))
            .filter(|(_, (_, spread))| *spread > 0.0);
        let Some((index, (axis, _))) = widest else {
            break;
        };
        let group = groups.swap_remove(index);
        let middle = Group::of(&group).mean()[axis];
        let (low, high): (Vec<Group>, Vec<Group>) = group
            .into_iter()
            .partition(|bucket| bucket.mean()[axis] <= middle);
        if low.is_empty() || high.is_empty() {
            groups.push(if low.is_empty() { high } else { low });
            break;
        }
        groups.extend([low, high]);
    }
    groups.iter().map(|group| Group::of(group).mean()).collect()
}

/// The axis along which a group is widest, and the sum of squared distances from its mean there.
fn spread(group: &[Group]) -> (usize, f64) {
    let mean = Group::of(group).mean();
    let along = |axis: usize| -> f64 {
        let distance = |bucket: &Group| bucket.mean()[axis] - mean[axis];
        group.iter().map(|b| b.pixels * distance(b).powi(2)).sum()
    };
    (0..3)
        .map(|axis| (axis, along(axis)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap_or((0, 0.0))
}

/// k-means from these centres.
fn settle(buckets: &[Group], mut centres: Vec<[f64; 3]>) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for _ in 0..ROUNDS {
        clusters = vec![Cluster::default(); centres.len()];
        for bucket in buckets {
            let color = bucket.mean();
            let nearest = (0..centres.len()).min_by(|a, b| {
                distance(centres[*a], color).total_cmp(&distance(centres[*b], color))
            });
            if let Some(nearest) = nearest {
                clusters[nearest].join(&Cluster {
                    all: *bucket,
                    largest: *bucket,
                });
            }
        }
        clusters.retain(|cluster| cluster.all.pixels > 0.0);
        centres = clusters.iter().map(|c| c.all.mean()).collect();
    }
    clusters
}

/// Joins the nearest two clusters while they are of nearly one colour.
fn merge(clusters: &mut Vec<Cluster>) {
    loop {
        let pairs = (0..clusters.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
        let apart = |a: usize, b: usize| distance(clusters[a].all.mean(), clusters[b].all.mean());
        let nearest = pairs
            .map(|(a, b)| (a, b, apart(a, b)))
            .min_by(|x, y| x.2.total_cmp(&y.2));
        match nearest {
            Some((a, b, distance)) if distance < SAME * SAME => {
                let joined = clusters.swap_remove(a);
                clusters[b].join(&joined);
            }
            _ => return,
        }
    }
}

/// Squared distance.
fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// sRGB bytes B, G, R to Oklab.
fn oklab(bgr: [u8; 3]) -> [f64; 3] {
    let [b, g, r] = bgr.map(|v| srgb_to_linear(f64::from(v) / 255.0));
    let l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b).cbrt();
    let m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b).cbrt();
    let s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b).cbrt();
    [
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    ]
}

/// Oklab to the nearest opaque sRGB colour.
fn srgb([l, a, b]: [f64; 3]) -> Bgra {
    let long = (l + 0.3963377774 * a + 0.2158037573 * b).powi(3);
    let medium = (l - 0.1055613458 * a - 0.0638541728 * b).powi(3);
    let short = (l - 0.0894841775 * a - 1.2914855480 * b).powi(3);
    let byte = |v: f64| (linear_to_srgb(v.clamp(0.0, 1.0)) * 255.0).round() as u8;
    Bgra([
        byte(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
        byte(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        byte(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        255,
    ])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Size;

    fn colors(alpha: Alpha, pixels: &[[u8; 4]]) -> Vec<([u8; 4], f64)> {
        let size = Size::new(pixels.len().max(1) as u32, 1).unwrap();
        let mut colors = DominantColors::new(FrameInfo::bgra8(size, alpha));
        colors.push_row(&pixels.concat());
        let found = colors.finish();
        found.iter().map(|d| (d.color.0, d.share)).collect()
    }

    #[test]
    fn one_colour_is_itself() {
        for color in [
            [0, 0, 0, 255],
            [255; 4],
            [12, 200, 99, 255],
            [255, 0, 0, 255],
            [1, 2, 3, 255],
        ] {
            assert_eq!(colors(Alpha::Opaque, &[color; 9]), [(color, 1.0)]);
        }
    }

    #[test]
    fn colours_come_by_their_share() {
        let (red, blue, green) = ([0, 0, 255, 255], [255, 0, 0, 255], [0, 200, 0, 255]);
        let pixels = [[red; 50].as_slice(), &[green; 20], &[blue; 30]].concat();
        let expected = [(red, 0.5), (blue, 0.3), (green, 0.2)];
        assert_eq!(colors(Alpha::Opaque, &pixels), expected);
    }

    #[test]
    fn shades_of_one_colour_are_one() {
        let pixels: Vec<[u8; 4]> = (100..112).map(|v| [v, v, v, 255]).collect();
        assert_eq!(colors(Alpha::Opaque, &pixels).len(), 1);
    }

    #[test]
    fn what_is_half_transparent_does_not_count() {
        let pixels = [[0, 0, 255, 127], [255, 0, 0, 128], [0, 255, 0, 0]];
        assert_eq!(
            colors(Alpha::Meaningful, &pixels),
            [([255, 0, 0, 255], 1.0)]
        );
        assert_eq!(colors(Alpha::Opaque, &pixels).len(), 3);
        assert_eq!(colors(Alpha::Meaningful, &[[9, 9, 9, 0]]), []);
        assert_eq!(colors(Alpha::Opaque, &[]), []);
    }

    #[test]
    fn many_colours_become_five() {
        let pixels: Vec<[u8; 4]> = (0..4096u32)
            .map(|i| {
                [
                    (i % 16 * 17) as u8,
                    (i / 16 % 16 * 17) as u8,
                    (i / 256 * 17) as u8,
                    255,
                ]
            })
            .collect();
        let found = colors(Alpha::Opaque, &pixels);
        assert_eq!(found.len(), 5);
        let sum: f64 = found.iter().map(|c| c.1).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        assert!(found.is_sorted_by(|a, b| a.1 >= b.1));
    }
}
