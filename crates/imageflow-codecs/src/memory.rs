//! Memory that grows with the picture, asked for so that a refusal is an error and not the end of the process.

use imageflow_pixels::ControlError;

/// An empty list with room for so many values.
///
/// # Errors
/// When the system has no such memory.
pub(crate) fn room<T>(count: u64) -> Result<Vec<T>, ControlError> {
    let mut list = Vec::new();
    match usize::try_from(count).map(|count| list.try_reserve_exact(count)) {
        Ok(Ok(())) => Ok(list),
        _ => Err(ControlError::AllocationFailed {
            bytes: count.saturating_mul(size_of::<T>() as u64),
        }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_no_machine_has_is_an_error() {
        assert_eq!(
            room::<[u8; 4]>(1 << 60),
            Err(ControlError::AllocationFailed { bytes: 1 << 62 })
        );
        assert!(room::<u64>(u64::MAX).is_err());
        assert!(room::<u8>(10).unwrap().capacity() >= 10);
    }
}
