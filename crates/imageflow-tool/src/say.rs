//! What the tool says on standard error: in sentences, or one JSON object per line.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use crate::cli::{Everyday, LogFormat, When};

#[derive(Debug, Clone, Copy)]
struct Manner {
    color: bool,
    json: bool,
    quiet: bool,
}

static MANNER: OnceLock<Manner> = OnceLock::new();

/// Takes the flags; before that, plain text is written.
pub(crate) fn set_up(flags: &Everyday) {
    let color = match flags.color {
        When::Always => true,
        When::Never => false,
        When::Auto => std::env::var_os("NO_COLOR").is_none() && std::io::stderr().is_terminal(),
    };
    let manner = Manner {
        color,
        json: flags.log_format == LogFormat::Json,
        quiet: flags.quiet,
    };
    // Set once per process.
    let _ = MANNER.set(manner);
}

fn manner() -> Manner {
    MANNER.get().copied().unwrap_or(Manner {
        color: false,
        json: false,
        quiet: false,
    })
}

/// Says why something failed: `error: …`.
pub(crate) fn error(text: &str) {
    line("error", "31", text, true);
}

/// The same for commands whose errors begin with the name of a category, which scripts match on.
pub(crate) fn categorised(text: &str) {
    line("error", "31", text, false);
}

/// Says what is odd, unless `--quiet`.
pub(crate) fn warning(text: &str) {
    if !manner().quiet {
        line("warning", "33", text, true);
    }
}

/// Says what was done, unless `--quiet`.
pub(crate) fn note(text: &str) {
    if !manner().quiet {
        line("note", "36", text, false);
    }
}

fn line(level: &str, code: &str, text: &str, prefixed: bool) {
    let Manner { color, json, .. } = manner();
    let line = if json {
        format!(
            "{}\n",
            serde_json::json!({ "level": level, "message": text })
        )
    } else if !prefixed {
        format!("{text}\n")
    } else if color {
        format!("\x1b[1;{code}m{level}:\x1b[0m {text}\n")
    } else {
        format!("{level}: {text}\n")
    };
    // Where nothing can be said, the exit code says it.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
