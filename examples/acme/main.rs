//! The main job on a copy of `examples/acme`, against embedded servers: `cargo run --example acme`.
//! Needs no account and no network, and changes nothing outside a temporary folder.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::panic, reason = "an example may speak")]

mod demo;

use std::path::Path;
use std::process::ExitCode;

use demo::{Act, STORY, arguments_in, copy, edit, prompt};

fn main() -> ExitCode {
    match tell() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("the example could not be copied: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tell() -> std::io::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join("acme"), folder.path())?;
    for act in STORY {
        println!("\n{}", prompt(&act));
        match act {
            Act::Edit(file, before, after) => edit(folder.path(), file, before, after)?,
            Act::Run(words) => {
                let directory = ["scimform".into(), "-C".into(), folder.path().as_os_str().to_owned()];
                let all = directory.into_iter().chain(arguments_in(folder.path(), words).into_iter().map(Into::into));
                let exit = scimform::cli::run(all);
                if exit != scimform::cli::Exit::Done {
                    return Ok(exit.into());
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
