//! Messages that repeat something: whatever it is, twice as much of it is at most twice the work.
//!
//! Work is counted in allocated bytes, which are the same in every run and on every machine. Time is looked at too, roughly:
//! what is quadratic allocates nothing as often as not, and shows at sizes where linear work takes a moment.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod counter;
mod messages;

use std::time::{Duration, Instant};

use imageflow_core::Context;

use messages::{MESSAGES, Message};

/// How much more doubling may cost than double.
const ALLOWED: f64 = 1.3;
/// Bytes that any message may allocate, whatever is in it.
const SOME: u64 = 64 << 10;
/// Time that is too short to compare: other tests run at the same time.
const MOMENT: Duration = Duration::from_millis(150);

/// Bytes allocated, and time, to answer this message with so many repetitions.
fn work(message: &Message, count: usize) -> (u64, Duration) {
    let body = (message.body)(count);
    let mut context = Context::new();
    let (start, before) = (Instant::now(), counter::allocated());
    let response = context.send_json(message.method, body.as_bytes());
    let work = (counter::allocated() - before, start.elapsed());
    let text = String::from_utf8(response.body).unwrap();
    let known = [200, 400].contains(&response.status) || text.contains("IoError");
    assert!(known, "{}: {} {text:.300}", message.name, response.status);
    work
}

#[test]
fn doubling_anything_at_most_doubles_the_bytes_allocated() {
    for message in MESSAGES {
        let counts: Vec<usize> = (0..4).map(|i| message.count << i).collect();
        let bytes: Vec<u64> = counts.iter().map(|n| work(message, *n).0).collect();
        for pair in bytes.windows(2) {
            let (once, twice) = (pair[0] as f64, pair[1] as f64);
            let fine = twice <= 2.0 * ALLOWED * once + SOME as f64;
            assert!(fine, "{}: {counts:?} allocate {bytes:?}", message.name);
        }
    }
}

#[test]
fn a_long_message_takes_time_in_proportion() {
    for message in MESSAGES {
        // A MB, whatever one repetition is long.
        let one = (message.body)(2000)
            .len()
            .saturating_sub((message.body)(1000).len());
        let many = 1_000_000_000 / one.max(1000);
        let (_, once) = work(message, many);
        let (_, twice) = work(message, 2 * many);
        let allowed = once.max(MOMENT) * 4;
        assert!(
            twice < allowed,
            "{}: {many} take {once:?}, twice as many {twice:?}",
            message.name
        );
    }
}

#[test]
fn answers_are_short_however_long_the_message() {
    for message in MESSAGES.iter().filter(|message| !message.lists) {
        let body = (message.body)(100_000);
        let response = Context::new().send_json(message.method, body.as_bytes());
        let length = response.body.len();
        assert!(length < 64 << 10, "{}: {length}", message.name);
    }
}
