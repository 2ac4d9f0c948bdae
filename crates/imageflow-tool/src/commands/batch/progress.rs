//! How far a batch is: a bar on a terminal, otherwise a line every five seconds.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::pool::Totals;
use crate::commands::columns::bytes;
use crate::say;

const EVERY: Duration = Duration::from_secs(5);

/// Shows progress.
#[derive(Debug)]
pub(super) enum Progress {
    Bar(ProgressBar),
    Lines { total: usize, next: Instant },
    Silent,
}

impl Progress {
    /// `forced` shows a bar even when nobody seems to look.
    pub(super) fn new(total: usize, shows: bool, forced: bool) -> Progress {
        if !shows {
            return Progress::Silent;
        }
        if !forced && !std::io::stderr().is_terminal() {
            return Progress::Lines {
                total,
                next: Instant::now() + EVERY,
            };
        }
        let target = if forced {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        // The template is a constant of this program; were it wrong, the plain bar would do.
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}  {eta} left") {
            bar.set_style(style);
        }
        Progress::Bar(bar)
    }

    /// Shows where things are.
    pub(super) fn update(&mut self, totals: &Totals) {
        match self {
            Progress::Bar(bar) => {
                bar.set_message(state(totals));
                bar.set_position(totals.finished() as u64);
            }
            Progress::Lines { total, next } if Instant::now() >= *next => {
                *next = Instant::now() + EVERY;
                say::note(&format!("{}/{total}  {}", totals.finished(), state(totals)));
            }
            Progress::Lines { .. } | Progress::Silent => {}
        }
    }

    /// Says something without disturbing the bar.
    pub(super) fn interrupted_by(&self, speak: impl FnOnce()) {
        match self {
            Progress::Bar(bar) => bar.suspend(speak),
            _ => speak(),
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Progress::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn state(totals: &Totals) -> String {
    let seconds = totals.start.elapsed().as_secs_f64().max(1e-3);
    let failed = match totals.failed {
        0 => String::new(),
        count => format!("  {count} failed"),
    };
    format!(
        "{} → {}  {:.1} images/s{failed}",
        bytes(totals.bytes_read),
        bytes(totals.bytes_written),
        totals.images as f64 / seconds
    )
}
