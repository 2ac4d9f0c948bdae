//! `diagnose`: how the program was built, and whether it works.

mod self_test;

use std::io::Read;

use crate::version;

/// Flags of `diagnose`.
#[derive(Debug, clap::Args)]
pub(crate) struct Diagnose {
    /// Print the version and everything known about the build
    #[arg(long)]
    show_compilation_info: bool,
    /// Run sample jobs and mistakes in self_tests/ and check what comes of them
    #[arg(long)]
    self_test: bool,
    /// Wait for a line on standard input, and print its length in bytes
    #[arg(long)]
    wait: bool,
    /// Panic, to see what a panic looks like
    #[arg(long)]
    call_panic: bool,
}

/// Runs the command.
pub(crate) fn run(flags: &Diagnose) -> u8 {
    if flags.show_compilation_info {
        let text = compilation_info();
        let exit = super::print(&text);
        if exit != 0 {
            return exit;
        }
    }
    if flags.self_test {
        let exit = self_test::run();
        if exit != 0 {
            return exit;
        }
    }
    if flags.wait {
        let count = std::io::stdin()
            .lock()
            .bytes()
            .map_while(Result::ok)
            .scan(false, |ended, byte| {
                // The newline counts; nothing after it does.
                (!std::mem::replace(ended, byte == b'\n')).then_some(byte)
            })
            .count();
        let exit = super::print(&format!("{count}\n"));
        if exit != 0 {
            return exit;
        }
    }
    if flags.call_panic {
        panic!("called by --call-panic");
    }
    0
}

fn compilation_info() -> String {
    let info = version::info();
    let tag = info.git_tag.as_ref();
    format!(
        "{}\nGIT_COMMIT={}\nGIT_DESCRIBE_ALWAYS={}\n{}\nGIT_DIRTY={}\nBUILD_DATE_UTC={}\n{}",
        version::line(),
        info.last_git_commit,
        info.git_describe_always,
        tag.map_or_else(
            || "GIT_TAG (None)".to_owned(),
            |tag| format!("GIT_TAG={tag}")
        ),
        info.dirty_working_tree,
        info.build_date,
        version::BUILD_INFO
    )
}
