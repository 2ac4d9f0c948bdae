//! Who decides about limits: a job may change them, but not beyond what the host locked.

use imageflow_types::{ExecutionSecurity, FrameSizeLimit, Lock, LockData};

use crate::error::{Error, ErrorKind};
use crate::limits::SecurityLimits;

/// The limits in force, and what the host of the context locked.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    limits: SecurityLimits,
    /// What `limits` may not be raised above; absent before the first lock.
    ceiling: Option<SecurityLimits>,
    files_forbidden: bool,
}

impl Policy {
    /// The limits in force.
    pub(crate) fn limits(&self) -> &SecurityLimits {
        &self.limits
    }

    #[cfg(test)]
    pub(crate) fn limits_mut(&mut self) -> &mut SecurityLimits {
        &mut self.limits
    }

    /// Takes over what a job says.
    ///
    /// # Errors
    /// [`ErrorKind::LimitLocked`] for a limit above what the host locked; nothing is changed then.
    pub(crate) fn merge(&mut self, changes: Option<&ExecutionSecurity>) -> Result<(), Error> {
        let Some(changes) = changes else {
            return Ok(());
        };
        let Some(ceiling) = &self.ceiling else {
            self.limits.merge(changes);
            return Ok(());
        };
        refuse_above(ceiling, changes)?;
        let locked = ceiling.memory;
        self.limits.merge(changes);
        // The budgets of a job replace each other as a whole: what it leaves out must not be unlimited.
        let memory = &mut self.limits.memory;
        for (budget, locked) in [
            (
                &mut memory.require_est_bytes_below,
                locked.require_est_bytes_below,
            ),
            (
                &mut memory.require_est_max_bytes_below,
                locked.require_est_max_bytes_below,
            ),
            (
                &mut memory.require_tracked_bytes_below,
                locked.require_tracked_bytes_below,
            ),
        ] {
            *budget = budget.or(locked);
        }
        Ok(())
    }

    /// Locks the limits in force, changed as the host says, and says what holds now.
    ///
    /// # Errors
    /// [`ErrorKind::LimitLocked`] for what would loosen an earlier lock.
    pub(crate) fn lock(&mut self, lock: &Lock) -> Result<LockData, Error> {
        if lock.allow_files == Some(true) && self.files_forbidden {
            let text = "allow_files cannot be true: the host of this context locked it as false";
            return Err(Error::new(ErrorKind::LimitLocked, text));
        }
        self.merge(lock.security.as_ref())?;
        self.files_forbidden |= lock.allow_files == Some(false);
        self.ceiling = Some(self.limits);
        Ok(LockData {
            security: self.limits.in_full(),
            allow_files: !self.files_forbidden,
        })
    }

    /// Checks an input or output that is a file.
    ///
    /// # Errors
    /// [`ErrorKind::FilesForbidden`].
    pub(crate) fn check_file(&self, io_id: i32) -> Result<(), Error> {
        if !self.files_forbidden {
            return Ok(());
        }
        let text = format!(
            "io_id {io_id} is a file, and the host of this context allows no files in jobs"
        );
        Err(Error::new(ErrorKind::FilesForbidden, text)
            .advise("give the bytes in the job, or register them as a buffer")
            .at_io(io_id))
    }
}

fn refuse_above(ceiling: &SecurityLimits, wanted: &ExecutionSecurity) -> Result<(), Error> {
    for (name, wanted, ceiling) in [
        (
            "max_decode_size",
            wanted.max_decode_size,
            ceiling.max_decode_size,
        ),
        (
            "max_frame_size",
            wanted.max_frame_size,
            ceiling.max_frame_size,
        ),
        (
            "max_encode_size",
            wanted.max_encode_size,
            ceiling.max_encode_size,
        ),
    ] {
        if let (Some(wanted), Some(ceiling)) = (wanted, ceiling) {
            refuse_larger(name, wanted, ceiling)?;
        }
    }
    let memory = wanted.mem_budget_policy.unwrap_or_default();
    let bytes = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    for (name, wanted, ceiling) in [
        (
            "max_input_file_bytes",
            wanted.max_input_file_bytes.map(bytes),
            Some(bytes(ceiling.max_input_file_bytes)),
        ),
        (
            "max_json_bytes",
            wanted.max_json_bytes.map(bytes),
            Some(bytes(ceiling.max_json_bytes)),
        ),
        (
            "max_total_file_pixels",
            wanted.max_total_file_pixels,
            Some(ceiling.max_total_file_pixels),
        ),
        (
            "max_threads",
            wanted.max_threads.map(u64::from),
            Some(ceiling.max_threads.map_or(1, u64::from)),
        ),
        (
            "mem_budget_policy.require_est_bytes_below",
            memory.require_est_bytes_below,
            ceiling.memory.require_est_bytes_below,
        ),
        (
            "mem_budget_policy.require_est_max_bytes_below",
            memory.require_est_max_bytes_below,
            ceiling.memory.require_est_max_bytes_below,
        ),
        (
            "mem_budget_policy.require_tracked_bytes_below",
            memory.require_tracked_bytes_below,
            ceiling.memory.require_tracked_bytes_below,
        ),
    ] {
        if let (Some(wanted), Some(ceiling)) = (wanted, ceiling)
            && wanted > ceiling
        {
            return Err(above(name, wanted, ceiling));
        }
    }
    Ok(())
}

fn refuse_larger(name: &str, wanted: FrameSizeLimit, ceiling: FrameSizeLimit) -> Result<(), Error> {
    for (side, wanted, ceiling) in [("w", wanted.w, ceiling.w), ("h", wanted.h, ceiling.h)] {
        if wanted > ceiling {
            return Err(above(&format!("{name}.{side}"), wanted, ceiling));
        }
    }
    // What is no number is below nothing.
    if wanted.megapixels <= ceiling.megapixels {
        return Ok(());
    }
    let name = format!("{name}.megapixels");
    Err(above(&name, wanted.megapixels, ceiling.megapixels))
}

fn above(name: &str, wanted: impl std::fmt::Display, ceiling: impl std::fmt::Display) -> Error {
    let text = format!(
        "security.{name} {wanted} is above {ceiling}, which the host of this context locked"
    );
    Error::new(ErrorKind::LimitLocked, text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use imageflow_types::MemoryBudgetPolicy;
    use serde_json::json;

    /// Every limit at so much.
    fn all(n: u32) -> ExecutionSecurity {
        let size = json!({"w": n, "h": n, "megapixels": n});
        serde_json::from_value(json!({
            "max_decode_size": size, "max_frame_size": size, "max_encode_size": size,
            "max_input_file_bytes": n, "max_json_bytes": n, "max_total_file_pixels": n, "max_threads": n,
            "mem_budget_policy": {"require_est_bytes_below": n, "require_est_max_bytes_below": n,
                "require_tracked_bytes_below": n}
        }))
        .unwrap()
    }

    fn locked(n: u32) -> Policy {
        let mut policy = Policy::default();
        let lock = Lock {
            security: Some(all(n)),
            allow_files: None,
        };
        policy.lock(&lock).unwrap();
        policy
    }

    #[test]
    fn every_limit_is_locked_by_its_name() {
        let lower = serde_json::to_value(all(9)).unwrap();
        let higher = serde_json::to_value(all(11)).unwrap();
        let mut paths = Vec::new();
        for (field, value) in lower.as_object().unwrap() {
            match value.as_object() {
                Some(parts) => paths.extend(parts.keys().map(|part| format!("/{field}/{part}"))),
                None => paths.push(format!("/{field}")),
            }
        }
        assert_eq!(paths.len(), 16);
        for path in paths {
            let mut changes = lower.clone();
            *changes.pointer_mut(&path).unwrap() = higher.pointer(&path).unwrap().clone();
            let changes = serde_json::from_value(changes).unwrap();
            let error = locked(10).merge(Some(&changes)).unwrap_err();
            let name = path.replace('/', ".");
            let expected = format!("security{name} 11 is above 10,");
            assert!(error.message().starts_with(&expected), "{error}");
        }
        for n in [0, 9, 10] {
            let mut policy = locked(10);
            policy.merge(Some(&all(n))).unwrap();
            assert_eq!(policy.limits().in_full(), all(n));
        }
    }

    #[test]
    fn a_refusal_changes_nothing() {
        let mut policy = locked(10);
        let changes = ExecutionSecurity {
            max_json_bytes: Some(5),
            max_total_file_pixels: Some(11),
            ..Default::default()
        };
        assert!(policy.merge(Some(&changes)).is_err());
        assert_eq!(policy.limits().in_full(), all(10));
    }

    #[test]
    fn budgets_that_a_job_leaves_out_stay() {
        let mut policy = locked(10);
        let changes = ExecutionSecurity {
            mem_budget_policy: Some(MemoryBudgetPolicy {
                require_est_bytes_below: Some(3),
                ..Default::default()
            }),
            ..Default::default()
        };
        policy.merge(Some(&changes)).unwrap();
        let memory = policy.limits().memory;
        assert_eq!(memory.require_est_bytes_below, Some(3));
        assert_eq!(memory.require_tracked_bytes_below, Some(10));
    }

    #[test]
    fn one_thread_is_what_is_locked_when_nobody_said_more() {
        let mut policy = Policy::default();
        policy.lock(&Lock::default()).unwrap();
        let threads = |n| ExecutionSecurity {
            max_threads: Some(n),
            ..Default::default()
        };
        assert!(policy.merge(Some(&threads(1))).is_ok());
        assert!(policy.merge(Some(&threads(2))).is_err());
        // Limits that are off can be set.
        let size = all(7).max_encode_size;
        let changes = ExecutionSecurity {
            max_encode_size: size,
            ..Default::default()
        };
        policy.merge(Some(&changes)).unwrap();
        assert_eq!(policy.limits().max_encode_size, size);
    }
}
