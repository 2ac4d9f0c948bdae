//! `faults FAULT JOB [BYTES]`: runs a job again and again in children, each time with another call that fails, and says how it went.
//!
//! FAULT is one of
//! * `memory`, `memory-from`: the n-th allocation of more than BYTES fails, or it and all after it;
//! * `io`, `io-short`, `io-stall`: the n-th read, write, opening or renaming of a file fails, does one byte, or takes long.
//!
//! n goes from 1 to as many as the job makes. Each child must end with the same output as without the fault, or with an
//! error of the right category; without leaving memory or files behind. A line `n: what is wrong` is printed where it does
//! not, and a line `FAULT JOB calls N wrong N same N refused N` at the end.
//!
//! BYTES is 256 KiB when it is not given. That lets through the tables and buffers of fixed size that codecs have: one that
//! fails may end the process, since Rust's collections cannot answer it. The pictures are large enough that what grows with
//! them is larger.
//!
//! The calls are those of the C library, which the program has under the same names: Rust, C and C++ get there alike. For
//! that it needs Linux with glibc; elsewhere it does nothing.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod child;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod ffi;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod job;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => {
            job::ALL.iter().for_each(|job| println!("{}", job.name));
            Ok(())
        }
        [fault, name] => child::try_all(fault, name, 256 << 10),
        [fault, name, bytes] => match bytes.parse() {
            Ok(bytes) => child::try_all(fault, name, bytes),
            Err(error) => Err(format!("{bytes}: {error}")),
        },
        _ => Err("usage: faults FAULT JOB [BYTES] | faults list".to_owned()),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("faults: {text}");
            std::process::ExitCode::from(2)
        }
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn main() {}
