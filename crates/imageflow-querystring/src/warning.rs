//! What the parser complains about. A warning never stops a job.

use imageflow_types::{Issue, IssueKind};

/// Describes a key or value that was not understood or has no effect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Warning {
    /// The kind of problem.
    pub kind: IssueKind,
    /// The key, lower-cased; for `srcset` commands a text that shows what is accepted.
    pub key: String,
    /// The value, or the part of it that was not understood.
    pub value: String,
}

impl Warning {
    pub(crate) fn new(kind: IssueKind, key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            kind,
            key: key.into(),
            value: value.into(),
        }
    }

    /// Puts the problem into words.
    #[must_use]
    pub fn message(&self) -> String {
        match self.kind {
            IssueKind::DuplicateKeyError => format!("Duplicate key: {}", self.key),
            IssueKind::UnrecognizedKey => format!("Key not recognized: {}", self.key),
            IssueKind::InvalidValueError => format!("Value invalid: {}", self.value),
            IssueKind::IgnoredKey => format!("Key not supported: {}", self.key),
            IssueKind::DeprecatedValueWarning => format!("Value deprecated: {}", self.value),
            IssueKind::DeprecatedKeyWarning => format!("Key deprecated: {}", self.key),
        }
    }
}

impl From<Warning> for Issue {
    fn from(warning: Warning) -> Self {
        Self {
            message: warning.message(),
            key: warning.key,
            value: warning.value,
            kind: warning.kind,
        }
    }
}
