//! A folder for one test, with pictures in it, and the tool.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A folder that is removed in the end; the tool runs in it.
pub(crate) struct Bench {
    folder: PathBuf,
}

/// What a run of the tool gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Bench {
    /// A folder with `a.png` (40×30, opaque).
    pub(crate) fn new(name: &str) -> Bench {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let bench = Bench { folder };
        bench.write("a.png", &png(40, 30));
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Names of all files, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with_stdin(args, b"")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_imageflow_tool"));
        command
            .args(args)
            .current_dir(&self.folder)
            .env_remove("RUST_BACKTRACE");
        command
    }

    pub(crate) fn run_with_stdin(&self, args: &[&str], stdin: &[u8]) -> Run {
        let mut command = self.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A tool that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_ne!(output.status.code(), Some(101), "panic: {stderr}");
        Run {
            code: output.status.code(),
            stdout: output.stdout,
            stderr,
        }
    }

    /// Runs `v1/querystring` and expects success.
    pub(crate) fn convert(&self, input: &str, output: &str, command: &str) -> Run {
        let run = self.run(&[
            "v1/querystring",
            "--in",
            input,
            "--out",
            output,
            "--command",
            command,
        ]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

impl Run {
    /// Standard output as JSON: exactly one document, pretty-printed, no newline after it.
    pub(crate) fn json(&self) -> Value {
        let text = std::str::from_utf8(&self.stdout).unwrap();
        let value: Value =
            serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text:?}; {}", self.stderr));
        assert!(
            text.starts_with("{\n  \"code\": ") && text.ends_with('}'),
            "{text}"
        );
        value
    }

    /// A failure: exit code, first word on standard error, and the response's code.
    pub(crate) fn fails(&self, exit: i32, first: &str, code: i64) -> Value {
        assert_eq!(self.code, Some(exit), "{}", self.stderr);
        assert!(
            self.stderr.starts_with(first),
            "{:?} does not start with {first:?}",
            self.stderr
        );
        let json = self.json();
        assert_eq!(json["code"], code, "{json}");
        assert_eq!(json["success"], false);
        assert_eq!(json["data"], "none");
        json
    }
}

/// Width and height in the header of a PNG.
pub(crate) fn png_size(bytes: &[u8]) -> (u32, u32) {
    let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    let reader = decoder.read_info().expect("a PNG");
    (reader.info().width, reader.info().height)
}

/// An opaque PNG with a gradient.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 128]))
        .collect();
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&pixels)
        .unwrap();
    bytes
}

/// Whether bytes are a JPEG.
pub(crate) fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xD8, 0xFF])
}

/// A GIF of 1×1 pixel with two frames of 100 ms.
pub(crate) fn animation() -> Vec<u8> {
    let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0".to_vec();
    for _ in 0..2 {
        gif.extend_from_slice(
            b"\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0",
        );
    }
    gif.push(0x3b);
    gif
}
