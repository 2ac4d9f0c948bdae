//! How much memory jobs may plan for together.

use std::str::FromStr;
use std::sync::{Condvar, Mutex, PoisonError};

/// What `--memory` says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Amount {
    /// Of the memory of the machine, or of what its container allows; 0 to 1.
    Share(f64),
    Bytes(u64),
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Amount, String> {
        let wrong =
            || format!("{text}: expected a size such as 2GiB or 512MiB, or a share such as 50%");
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number: f64 = digits.parse().map_err(|_| wrong())?;
        let factor = match text[digits.len()..].trim().to_ascii_lowercase().as_str() {
            "%" if number > 0.0 && number <= 100.0 => return Ok(Amount::Share(number / 100.0)),
            "" | "b" => 0,
            "k" | "kb" | "kib" => 10,
            "m" | "mb" | "mib" => 20,
            "g" | "gb" | "gib" => 30,
            _ => return Err(wrong()),
        };
        let bytes = number * f64::from(1u32 << factor);
        if bytes < 1.0 {
            return Err(wrong());
        }
        Ok(Amount::Bytes(bytes as u64))
    }
}

impl Amount {
    /// In bytes; nothing bounds a share of an amount nobody knows.
    pub(super) fn bytes(self) -> u64 {
        match self {
            Amount::Bytes(bytes) => bytes,
            Amount::Share(share) => available().map_or(u64::MAX, |all| (all as f64 * share) as u64),
        }
    }
}

/// Memory of the machine, or less when a control group says so (Linux).
fn available() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
            let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(kib << 10)
        });
    let group = std::fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(group).min()
}

/// Lets jobs begin while what they plan for together stays below a bound; one may always run.
#[derive(Debug)]
pub(super) struct Budget {
    most: u64,
    used: Mutex<u64>,
    freed: Condvar,
}

impl Budget {
    pub(super) fn new(most: u64) -> Budget {
        Budget {
            most,
            used: Mutex::new(0),
            freed: Condvar::new(),
        }
    }

    /// Waits until there is room.
    pub(super) fn take(&self, bytes: u64) -> Share<'_> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let mut used = self
            .freed
            .wait_while(used, |used| {
                *used > 0 && used.saturating_add(bytes) > self.most
            })
            .unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_add(bytes);
        Share {
            budget: self,
            bytes,
        }
    }
}

/// What one job planned for, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut used = self
            .budget
            .used
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_sub(self.bytes);
        self.budget.freed.notify_all();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_shares_are_read() {
        let read = |text: &str| text.parse::<Amount>();
        assert_eq!(read("2GiB"), Ok(Amount::Bytes(2 << 30)));
        assert_eq!(read("512mb"), Ok(Amount::Bytes(512 << 20)));
        assert_eq!(read("1.5k"), Ok(Amount::Bytes(1536)));
        assert_eq!(read("50%"), Ok(Amount::Share(0.5)));
        for wrong in ["", "0", "0%", "101%", "x", "-1g", "5 parsecs"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_job_waits_for_room_and_one_always_runs() {
        let budget = Budget::new(100);
        let first = budget.take(1000);
        std::thread::scope(|scope| {
            let second = scope.spawn(|| drop(budget.take(1)));
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!second.is_finished());
            drop(first);
            second.join().unwrap();
        });
        assert_eq!(*budget.used.lock().unwrap(), 0);
    }
}
