//! Which qualities to try: bisection, with good guesses.
//!
//! Qualities up to some point are not enough yet, those from there on are good enough or too large; the search ends when a
//! quality of the first kind and its successor of the second are known. Guesses follow a model that is nearly straight for
//! all encoders; three to six tries are usual. They may never cost the bound: nine tries for 100 qualities.

use crate::plan::Goal;

/// Tries that are always enough. Bisection alone needs seven for the 101 outcomes of 100 qualities, but then no guess may
/// stray from the middle: 5.7 tries were the mean for JPEGs of six photographs. With two to spare it was 4.5.
pub(super) const MAX_TRIES: u32 = 9;
/// One more than the highest quality.
const END: u8 = 101;
/// Growth of the logarithm of size, and fall of that of damage, per logarithm of step size, until it is measured.
const USUAL_SLOPE: f32 = 0.7;

/// The first guess stays where all encoders are near the model: it is only an assumption about the picture.
const FIRST_GUESSES: (i32, i32) = (40, 88);

/// What is known of one quality: its place on the scale of logarithms, and the logarithms of what was measured.
#[derive(Clone, Copy, Debug)]
struct Point {
    place: f32,
    size: f32,
    look: Option<f32>,
}

/// A search at work.
#[derive(Debug)]
pub(super) struct Search {
    /// The highest quality known not to be enough; one below the lowest at first.
    short: u8,
    /// The lowest quality known to be enough or too large; [`END`] at first.
    enough: u8,
    tries: u32,
    points: Vec<Point>,
    max_size: Option<f32>,
    wanted_look: Option<f32>,
}

impl Search {
    /// Starts a search for a picture of `pixels`.
    pub(super) fn new(goal: &Goal, pixels: u64) -> Search {
        // Photographs at quality 75 take about a bit a pixel and score about 75.
        let usual = Point {
            place: place(75),
            size: (pixels as f32 / 8.0).max(1.0).ln(),
            look: Some(look(75.0)),
        };
        Search {
            short: goal.lowest_quality.clamp(1, 100) - 1,
            enough: END,
            tries: 0,
            points: vec![usual],
            max_size: goal.max_bytes.map(|bytes| (bytes.max(1) as f32).ln()),
            wanted_look: goal.ssimulacra2.map(look),
        }
    }

    /// Qualities tried.
    pub(super) fn tries(&self) -> u32 {
        self.tries
    }

    /// The quality to try next; `None` when the search has ended.
    pub(super) fn next(&self) -> Option<u8> {
        let (short, enough) = (i32::from(self.short), i32::from(self.enough));
        if enough - short < 2 {
            return None;
        }
        // Of the two qualities at the end of the search, the one that is not known yet; of two unknown ones the first to
        // be written if the guess is right.
        let first_enough = self.guess();
        let prefers_short = self.wanted_look.is_none() && first_enough - 1 > short;
        let guess = if prefers_short || first_enough >= enough {
            first_enough - 1
        } else {
            first_enough
        };
        // What is left on either side must end within the tries that are left.
        let left = 1 << (MAX_TRIES - 1).saturating_sub(self.tries);
        let guess = guess.max(enough - left).min(short + left);
        u8::try_from(guess.clamp(short + 1, enough - 1)).ok()
    }

    /// Takes in what a try gave. `enough`: lower qualities may do, and higher ones need not be tried.
    pub(super) fn learn(&mut self, quality: u8, bytes: u64, score: Option<f32>, enough: bool) {
        if self.tries == 0 {
            // The assumption has done its duty.
            self.points.clear();
        }
        self.tries += 1;
        self.points.push(Point {
            place: place(quality),
            size: (bytes.max(1) as f32).ln(),
            look: score.map(look),
        });
        if enough {
            self.enough = quality;
        } else {
            self.short = quality;
        }
    }

    /// The first quality expected to be enough or too large.
    fn guess(&self) -> i32 {
        let sizes = || self.points.iter().map(|p| (p.place, p.size));
        let looks = || (self.points.iter()).filter_map(|p| Some((p.place, p.look?)));
        let too_large = self.max_size.and_then(|size| estimate(sizes(), size));
        let good = self.wanted_look.and_then(|look| estimate(looks(), look));
        let places = [
            too_large.map(|place| quality_at(place).floor() as i32 + 1),
            good.map(|place| quality_at(place).ceil() as i32),
        ];
        let middle = (i32::from(self.short) + i32::from(self.enough)) / 2;
        let guess = places.into_iter().flatten().min().unwrap_or(middle);
        let guess = if self.tries == 0 {
            guess.clamp(FIRST_GUESSES.0, FIRST_GUESSES.1)
        } else {
            guess
        };
        guess.clamp(i32::from(self.short) + 1, i32::from(self.enough))
    }
}

/// Where a measure takes a value: between the nearest points on both sides of it, or beyond the nearest point of all.
fn estimate(points: impl Iterator<Item = (f32, f32)>, value: f32) -> Option<f32> {
    let mut points: Vec<(f32, f32)> = points.collect();
    points.sort_by(|a, b| (a.1 - value).abs().total_cmp(&(b.1 - value).abs()));
    let below = points.iter().find(|point| point.1 < value);
    let above = points.iter().find(|point| point.1 >= value);
    if let (Some(below), Some(above)) = (below, above)
        && above.0 > below.0
    {
        let part = (value - below.1) / (above.1 - below.1);
        return Some(below.0 + part * (above.0 - below.0));
    }
    let (place, measured) = *points.first()?;
    let slope = points
        .get(1)
        .map(|(other, m)| (m - measured) / (other - place));
    let slope = slope
        .filter(|slope| slope.is_finite())
        .map_or(USUAL_SLOPE, |slope| slope.clamp(0.2, 2.0));
    Some(place + (value - measured) / slope)
}

/// Minus the logarithm of the step of libjpeg's tables at a quality; other encoders' qualities are much alike.
fn place(quality: u8) -> f32 {
    let quality = f32::from(quality);
    let step = if quality < 50.0 {
        5000.0 / quality
    } else {
        202.0 - 2.0 * quality
    };
    -step.ln()
}

/// The reverse of [`place`], within 1 to 101.
fn quality_at(place: f32) -> f32 {
    let step = (-place).exp();
    let quality = if step > 102.0 {
        5000.0 / step
    } else {
        101.0 - step / 2.0
    };
    quality.clamp(1.0, 101.0)
}

/// Minus the logarithm of the damage a score stands for.
fn look(score: f32) -> f32 {
    -(100.0 - score).max(0.1).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(max_bytes: Option<u64>, ssimulacra2: Option<f32>) -> Goal {
        Goal {
            max_bytes,
            ssimulacra2,
            lowest_quality: 1,
        }
    }

    /// Runs a search; returns the last quality that is not enough, and the tries.
    fn run(goal: &Goal, bytes: impl Fn(u8) -> u64, score: impl Fn(u8) -> f32) -> (u8, u32) {
        let mut search = Search::new(goal, 1_000_000);
        while let Some(quality) = search.next() {
            assert!((goal.lowest_quality..=100).contains(&quality));
            let (bytes, score) = (bytes(quality), score(quality));
            let too_large = goal.max_bytes.is_some_and(|max| bytes > max);
            let good = goal.ssimulacra2.is_some_and(|wanted| score >= wanted);
            let score = (!too_large && goal.ssimulacra2.is_some()).then_some(score);
            search.learn(quality, bytes, score, too_large || good);
            assert!(search.tries() <= MAX_TRIES);
        }
        (search.short, search.tries())
    }

    #[test]
    fn every_outcome_is_found_within_the_bound() {
        for end in 0..=100u8 {
            // A curve no guess fits: flat, with one step.
            let bytes = |q| if q > end { 2_000_000 } else { 10 };
            let (short, _) = run(&goal(Some(1000), None), bytes, |_| 0.0);
            assert_eq!(short, end);
            let score = |q| if q > end { 99.0 } else { -500.0 };
            assert_eq!(run(&goal(None, Some(80.0)), |_| 7, score).0, end);
        }
    }

    #[test]
    fn usual_curves_take_few_tries() {
        let bytes = |q| (place(q) * 0.8 + 15.5).exp() as u64;
        let score = |q: u8| 100.0 - (-place(q) * 0.6 + 1.0).exp();
        let mut tries = 0;
        for q in 30..=97u8 {
            // Between the values of two qualities.
            let size = u64::midpoint(bytes(q), bytes(q + 1));
            let by_size = run(&goal(Some(size), None), bytes, score);
            assert_eq!(by_size.0, q);
            let wanted = f32::midpoint(score(q - 1), score(q));
            let by_look = run(&goal(None, Some(wanted)), bytes, score);
            assert_eq!(by_look.0, q - 1);
            tries += by_size.1 + by_look.1;
        }
        assert!(tries <= 68 * 2 * 9 / 2, "{tries}");
    }

    #[test]
    fn the_stricter_of_two_wishes_ends_the_search() {
        let bytes = |q: u8| u64::from(q) * 1000;
        let score = |q: u8| f32::from(q);
        let by = |bytes_max, wanted| run(&goal(Some(bytes_max), Some(wanted)), bytes, score).0;
        assert_eq!(by(90_000, 60.0), 59);
        assert_eq!(by(40_500, 60.0), 40);
    }

    #[test]
    fn a_lowest_quality_bounds_the_search() {
        let goal = Goal {
            lowest_quality: 60,
            ..goal(Some(10), None)
        };
        assert_eq!(run(&goal, |_| 1000, |_| 0.0).0, 59);
        assert_eq!(run(&goal, |_| 1, |_| 0.0).0, 100);
    }

    #[test]
    fn places_can_be_reversed() {
        for quality in 1..=100u8 {
            assert!((quality_at(place(quality)) - f32::from(quality)).abs() < 0.01);
        }
    }
}
