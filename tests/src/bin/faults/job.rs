//! The jobs: a file in, a file out.

use std::fs;
use std::path::{Path, PathBuf};

use imageflow_core::{Category, Context};
use imageflow_tests::{scene, targets};
use serde_json::json;

/// A job: what the input is made with, and the command.
pub(crate) struct Job {
    pub(crate) name: &'static str,
    /// Turns a PNG into the input; empty when that is the PNG itself.
    input: &'static str,
    command: &'static str,
}

const fn job(name: &'static str, input: &'static str, command: &'static str) -> Job {
    Job {
        name,
        input,
        command,
    }
}

pub(crate) const ALL: &[Job] = &[
    job("jpg-jpg", "format=jpg", "w=300&format=jpg"),
    job("jpg-whole-jpg", "format=jpg", "format=jpg&f.sharpen=20"),
    #[cfg(feature = "native")]
    job(
        "progressive-webp",
        "format=jpg&jpeg.progressive=true",
        "w=300&format=webp",
    ),
    job(
        "progressive-out",
        "format=jpg",
        "format=jpg&jpeg.progressive=true",
    ),
    job("png-png", "", "w=300&format=png"),
    job("png-palette", "", "format=png&png.quality=60"),
    job("png-gif", "", "format=gif"),
    job(
        "gif-webp",
        "format=gif",
        "w=200&format=webp&webp.lossless=true",
    ),
    #[cfg(feature = "native")]
    job("webp-jpg", "format=webp&quality=60", "w=300&format=jpg"),
    job(
        "webp-lossless",
        "format=webp&webp.lossless=true",
        "format=webp&webp.lossless=true",
    ),
    job("jxl-png", "format=jxl&lossless=true", "w=300&format=png"),
    job("png-jxl", "", "format=jxl&lossless=true"),
    job("avif-png", "w=400&format=avif", "format=png"),
    job("png-avif", "", "w=300&format=avif"),
    job("rotate", "format=jpg", "srotate=90&format=png"),
    job("pad", "", "w=700&h=700&mode=pad&bgcolor=f80&format=jpg"),
    job("trim", "", "trim.threshold=20&format=png"),
    job(
        "round",
        "",
        "s.roundcorners=30&format=webp&webp.lossless=true",
    ),
];

/// A job with its input on disk.
pub(crate) struct Prepared {
    folder: PathBuf,
    input: PathBuf,
    output: PathBuf,
    command: &'static str,
}

/// How a run ended.
pub(crate) enum Outcome {
    Output(Vec<u8>),
    Refused(Category, String),
}

impl Prepared {
    pub(crate) fn new(name: &str, (width, height): (u32, u32)) -> Result<Prepared, String> {
        let job = ALL.iter().find(|job| job.name == name);
        let job = job.ok_or_else(|| format!("no job is called {name}"))?;
        let folder = std::env::temp_dir().join(format!("imageflow-faults-{}", std::process::id()));
        let output = folder.join("out");
        fs::create_dir_all(&output).map_err(|e| e.to_string())?;
        let mut file = png(width, height)?;
        if !job.input.is_empty() {
            file = targets::convert(&file, job.input)?;
        }
        let input = folder.join("input");
        fs::write(&input, file).map_err(|e| e.to_string())?;
        Ok(Prepared {
            input,
            output: output.join("picture"),
            folder,
            command: job.command,
        })
    }

    /// Runs the job as a program would. Nothing is left of it in memory.
    pub(crate) fn run(&self, before: impl FnOnce(), after: impl FnOnce()) -> Outcome {
        let file = |io_id: i32, direction: &str, path: &Path| json!({"io_id": io_id, "direction": direction, "io": {"file": path}});
        let steps = json!([{"command_string": {"kind": "ir4", "value": self.command, "decode": 0, "encode": 1}}]);
        let job = json!({
            "io": [file(0, "in", &self.input), file(1, "out", &self.output)],
            "framewise": {"steps": steps},
        });
        let body = job.to_string();
        before();
        let mut context = Context::new();
        let response = context.send_json("v1/build", body.as_bytes());
        let error = context.status().error();
        drop(context);
        after();
        match error {
            None => Outcome::Output(fs::read(&self.output).unwrap_or_default()),
            Some(error) => {
                let text = String::from_utf8_lossy(&response.body).into_owned();
                Outcome::Refused(error.category(), text)
            }
        }
    }

    /// Names of files where the output goes, which are removed.
    pub(crate) fn left(&self) -> Vec<String> {
        let entries = self.output.parent().map(fs::read_dir);
        let Some(Ok(entries)) = entries else {
            return vec!["no folder".to_owned()];
        };
        entries
            .flatten()
            .map(|entry| {
                drop(fs::remove_file(entry.path()));
                entry.file_name().to_string_lossy().into_owned()
            })
            .collect()
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn png(width: u32, height: u32) -> Result<Vec<u8>, String> {
    let rgb = scene::render(width as usize, height as usize);
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&rgb)?;
        writer.finish()
    });
    written.map_err(|e| e.to_string())?;
    Ok(out)
}
