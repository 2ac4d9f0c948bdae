//! `examples --generate`: sample jobs in `examples/`, each with its inputs and a script that runs it.

use std::fs;
use std::io;
use std::path::Path;

use imageflow_core::base64;

use super::pictures;
use crate::say;

/// Flags of `examples`.
#[derive(Debug, clap::Args)]
pub(crate) struct Examples {
    /// Write them into the folder examples
    #[arg(long, required = true)]
    generate: bool,
}

/// A sample job.
pub(crate) struct Example {
    /// The name of its folder and file.
    pub(crate) slug: &'static str,
    /// What it shows.
    about: &'static str,
    json: &'static str,
    /// The picture it reads, and its name.
    input: Option<(&'static str, Draw)>,
    /// What follows `v1/build --json SLUG.json`.
    pub(crate) arguments: &'static [&'static str],
    /// What it writes, with its size.
    pub(crate) writes: &'static [(&'static str, (i32, i32))],
}

/// Draws a picture.
type Draw = fn() -> Result<Vec<u8>, String>;

/// Where the text of a job has its own input, as base64.
const EMBEDDED: &str = "BLUE_SQUARE_BASE64";

/// All examples.
pub(crate) const EXAMPLES: &[Example] = &[
    Example {
        slug: "laundry_list",
        about: "Most operations, one after another",
        json: include_str!("examples/laundry_list.json"),
        input: Some(("blank3200.jpg", pictures::blank)),
        arguments: &["--in", "blank3200.jpg", "--out", "1", "wat.png"],
        writes: &[("wat.png", (640, 480))],
    },
    Example {
        slug: "export_4_sizes",
        about: "One decode, four sizes: a graph",
        json: include_str!("examples/export_4_sizes.json"),
        input: Some(("waterhouse.jpg", pictures::waterhouse)),
        arguments: &[
            "--in",
            "waterhouse.jpg",
            "--out",
            "1",
            "waterhouse_w1600.jpg",
            "2",
            "waterhouse_w1200.jpg",
            "3",
            "waterhouse_w800.jpg",
            "4",
            "waterhouse_w400.jpg",
            "--response",
            "operation_result.json",
        ],
        writes: &[
            ("waterhouse_w1600.jpg", (1600, 1067)),
            ("waterhouse_w1200.jpg", (1200, 800)),
            ("waterhouse_w800.jpg", (800, 534)),
            ("waterhouse_w400.jpg", (400, 267)),
        ],
    },
    Example {
        slug: "pure_json",
        about: "Input and output inside the JSON, the response in a file",
        json: include_str!("examples/pure_json.json"),
        input: None,
        arguments: &["--response", "operation_result.json"],
        writes: &[],
    },
    Example {
        slug: "pure_json_to_stdout",
        about: "Input and output inside the JSON, the response on standard output",
        json: include_str!("examples/pure_json.json"),
        input: None,
        arguments: &[],
        writes: &[],
    },
    Example {
        slug: "give_me_base64",
        about: "A file in, base64 in the response out",
        json: include_str!("examples/give_me_base64.json"),
        input: Some(("rings2.png", pictures::rings)),
        arguments: &[
            "--in",
            "rings2.png",
            "--out",
            "1",
            "base64:",
            "--response",
            "operation_result.json",
        ],
        writes: &[],
    },
];

/// Runs the command.
pub(crate) fn run(_: &Examples) -> u8 {
    for example in EXAMPLES {
        let folder = Path::new("examples").join(example.slug);
        if let Err(e) = example.write(&folder) {
            say::error(&format!("cannot write {}: {e}", folder.display()));
            return 74;
        }
        let text = format!("{}: {}\n", folder.display(), example.about);
        let exit = super::print(&text);
        if exit != 0 {
            return exit;
        }
    }
    0
}

impl Example {
    /// Writes the job, its input and the script.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut json = self.json.to_owned();
        if json.contains(EMBEDDED) {
            let picture = pictures::blue_square().map_err(io::Error::other)?;
            json = json.replace(EMBEDDED, &base64::encode(&picture));
        }
        fs::write(folder.join(format!("{}.json", self.slug)), json)?;
        if let Some((name, draw)) = self.input {
            fs::write(folder.join(name), draw().map_err(io::Error::other)?)?;
        }
        let line = format!(
            "imageflow_tool v1/build --json {}.json {}",
            self.slug,
            self.arguments.join(" ")
        );
        let (name, script) = if cfg!(windows) {
            ("run_recipe.bat", format!("{}\r\n", line.trim_end()))
        } else {
            ("run_recipe.sh", format!("{}\n", line.trim_end()))
        };
        fs::write(folder.join(name), script)?;
        make_executable(&folder.join(name))
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}
