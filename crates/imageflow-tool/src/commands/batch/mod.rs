//! `batch`: one or more images of each of many, on all cores.
//!
//! [`inputs`] finds the files, [`names`] says what results are called, [`work`] makes the images of one file, [`pool`] does
//! that for all of them, [`journal`] remembers what is done, [`progress`] shows it.

mod inputs;
mod journal;
mod memory;
mod names;
mod pool;
mod progress;
mod work;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;

use self::inputs::Source;
use self::journal::Journal;
use self::names::Template;
use self::pool::{Pool, Signals, Totals};
use self::work::Work;
use super::renditions::Renditions;
use super::warnings;
use crate::cli::{Everyday, LimitFlags};
use crate::say;

/// Flags of `batch`.
#[derive(Debug, clap::Args)]
pub(crate) struct Batch {
    /// Images, folders of images, and patterns such as 'photos/**/*.jpg'
    #[arg(value_name = "INPUT")]
    inputs: Vec<OsString>,
    /// More of them
    #[arg(long = "in", value_name = "INPUT", num_args = 1..)]
    more_inputs: Vec<OsString>,
    /// What to do, for example "w=800&format=webp"; several make several images of each input, with one decode
    #[arg(short, long, value_name = "STRING", allow_hyphen_values = true)]
    command: Vec<String>,
    /// Make an image of each of these widths, with every command
    #[arg(long, value_name = "W,W,…", value_delimiter = ',')]
    widths: Vec<u32>,
    /// Where results go; folders below an input folder or pattern are kept
    #[arg(long, value_name = "DIR")]
    out_dir: PathBuf,
    /// Names of results, of {stem}, {ext}, {dir}, {w}, {h} and {index}
    #[arg(long, value_name = "TEMPLATE")]
    name: Option<String>,
    /// Look into folders of folders
    #[arg(short, long)]
    recursive: bool,
    /// Read names of inputs from a file, a line each; - is standard input
    #[arg(long, value_name = "FILE")]
    files_from: Option<OsString>,
    /// The names in --files-from end with NUL instead of a newline
    #[arg(short = '0', long, requires = "files_from")]
    null: bool,
    /// How many inputs to work on at once [default: number of cores]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// Most memory that jobs may plan for together: 2GiB, 512MiB, or a share of the machine's
    #[arg(long, value_name = "AMOUNT", default_value = "50%")]
    memory: memory::Amount,
    /// What to do when results exist: make them again, never, or only when the input or the command changed
    #[arg(long, value_enum, default_value_t = Overwrite::Always)]
    overwrite: Overwrite,
    /// Forget what an interrupted run of the same batch has done
    #[arg(long)]
    restart: bool,
    /// Stop at the first input that fails
    #[arg(long)]
    fail_fast: bool,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Go on when all is done: inputs that change or appear are worked on
    #[arg(long, conflicts_with = "dry_run")]
    watch: bool,
    /// Print a JSON line for each input
    #[arg(long, value_enum, value_name = "FORMAT")]
    report: Option<Report>,
    /// Show progress: always, never, or when there is somebody to see it
    #[arg(long, value_enum, default_value_t = Show::Auto)]
    progress: Show,
    /// Refuse commands with unknown keys or values, instead of a warning
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    limits: LimitFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Overwrite {
    Always,
    Never,
    Older,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Report {
    Ndjson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Show {
    Auto,
    On,
    Off,
}

/// A command line that cannot be carried out (exit code 2).
const USAGE: u8 = 2;
/// Some inputs failed.
const SOME_FAILED: u8 = 1;

/// Runs the command.
pub(crate) fn run(flags: &Batch, everyday: &Everyday) -> u8 {
    match prepare(flags) {
        Ok((sources, work)) => carry_out(flags, everyday, &sources, work),
        Err(message) => {
            say::error(&message);
            USAGE
        }
    }
}

fn prepare(flags: &Batch) -> Result<(Vec<Source>, Work), String> {
    let commands = commands(flags)?;
    let template = match &flags.name {
        Some(name) => Template::parse(name)?,
        None => Template::usual(flags.command.len().max(1), flags.widths.len()),
    };
    let sources = inputs::collect(flags)?;
    if sources.is_empty() && !flags.watch {
        return Err("there are no inputs; name images, folders or patterns".to_owned());
    }
    let recipe = format!(
        "{} {commands:?} {template:?} {:?}",
        crate::version::VERSION,
        flags.limits
    );
    let journal = if flags.dry_run {
        Journal::none()
    } else {
        Journal::open(&flags.out_dir, recipe, flags.restart)
            .map_err(|e| format!("cannot write to {}: {e}", flags.out_dir.display()))?
    };
    let renditions = Renditions {
        commands,
        limits: Arc::new(flags.limits.clone()),
    };
    let work = Work::new(
        renditions,
        template,
        flags.out_dir.clone(),
        flags.overwrite,
        journal,
    );
    Ok((sources, work))
}

/// Every command with every width.
fn commands(flags: &Batch) -> Result<Vec<String>, String> {
    if flags.command.is_empty() && flags.widths.is_empty() {
        return Err("there is nothing to do; give a command with -c, or --widths".to_owned());
    }
    let mut given = flags.command.clone();
    if given.is_empty() {
        given.push(String::new());
    }
    for command in &given {
        for warning in warnings::checked(command, flags.strict).map_err(|e| e.to_string())? {
            say::warning(&format!("{command}: {warning}"));
        }
    }
    if flags.widths.is_empty() {
        return Ok(given);
    }
    let mut all = Vec::new();
    for command in &given {
        let has_width = imageflow_querystring::parse(command).0.w.is_some();
        if has_width {
            return Err(format!(
                "{command:?} has a width already; leave it out with --widths"
            ));
        }
        for width in &flags.widths {
            all.push(crate::commands::with(command, &format!("w={width}")));
        }
    }
    Ok(all)
}

fn carry_out(flags: &Batch, everyday: &Everyday, sources: &[Source], work: Work) -> u8 {
    let shows = match flags.progress {
        Show::On => true,
        Show::Off => false,
        Show::Auto => !everyday.quiet,
    };
    let pool = Pool {
        workers: flags.jobs.unwrap_or_else(pool::cores).max(1),
        memory: flags.memory.bytes(),
        fail_fast: flags.fail_fast,
        reports: flags.report.is_some(),
        dry_run: flags.dry_run,
        shows,
        forces_bar: flags.progress == Show::On,
    };
    if work.resumes() > 0 {
        say::note(&format!(
            "an interrupted run of this batch made {}; they are kept (--restart makes them again)",
            counted(work.resumes(), "input's images", "inputs' images"),
        ));
    }
    let signals = Signals::watch();
    let totals = pool.run(sources, &work, &signals);
    say::note(&totals.summary());
    let signal = totals.signal;
    let exit = conclude(totals, &work);
    if flags.watch && signal.is_none() {
        return pool.watch(flags, sources, &work, &signals);
    }
    exit
}

fn conclude(totals: Totals, work: &Work) -> u8 {
    if let Some(code) = totals.signal {
        return code;
    }
    if totals.stopped {
        return SOME_FAILED;
    }
    if let Err(e) = work.complete() {
        say::warning(&format!("the list of what is done cannot be written: {e}"));
    }
    let lines = super::printed(totals.lost_lines.map_or(Ok(()), Err));
    if totals.failed > 0 {
        SOME_FAILED
    } else {
        lines
    }
}

/// `1 file`, `2 files`.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
