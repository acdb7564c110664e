//! A release in a folder, and what `install.sh` takes of it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::init::forge::BOT;
use crate::init::place::Place;

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

fn program(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A release whose program is the one under test, and a `gh` that says yes and notes what it was asked; the address of the
/// releases and the folder of `gh`.
pub fn release(folder: &Path) -> (String, PathBuf) {
    let (place, tools) = (folder.join(format!("releases/v{VERSION}")), folder.join("tools"));
    std::fs::create_dir_all(&place).unwrap();
    std::fs::create_dir_all(&tools).unwrap();
    program(
        &place.join("scimform"),
        &format!(
            "#!/bin/sh
if env | grep -q {BOT}; then echo \"$@\" >>'{}'; fi
exec '{}' \"$@\"
",
            folder.join("leaked").display(),
            env!("CARGO_BIN_EXE_scimform")
        ),
    );
    let script = "for p in x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu aarch64-apple-darwin; do\n\
                  tar -czf scimform-$p.tar.gz scimform; done; rm scimform\n\
                  (sha256sum *.tar.gz 2>/dev/null || shasum -a 256 *.tar.gz) > SHA256SUMS";
    let made = Command::new("bash").args(["-ec", script]).current_dir(&place).status().unwrap();
    assert!(made.success());
    program(&tools.join("gh"), &format!("#!/bin/sh\necho \"$@\" >> '{}'\n", tools.join("asked").display()));
    (format!("file://{}", folder.join("releases").display()), tools)
}

/// Ends the test if scimform was run with the forge's token in its environment, which a changed file could name.
#[track_caller]
pub fn nothing_leaked(folder: &Path) {
    let leaked = std::fs::read_to_string(folder.join("leaked")).unwrap_or_default();
    assert!(leaked.is_empty(), "the forge's token was in the environment of: {leaked}");
}

#[test]
fn a_release_is_taken_only_as_its_checksum_has_it() {
    let place = Place::new("github", "http://127.0.0.1:1");
    let folder = place.folder.path();
    let (releases, _) = release(folder);
    let run = |more: &[(&str, &str)]| {
        let mut command = Command::new("bash");
        command.arg(place.clone.join(".github/actions/scimform/install.sh")).env_clear().stdin(Stdio::null());
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("RUNNER_TEMP", folder)
            .env("GITHUB_PATH", folder.join("path"));
        command.env("SCIMFORM_RELEASES", &releases).env("SCIMFORM_VERSION", VERSION).envs(more.iter().copied());
        let output = command.output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (fine, log) = run(&[]);
    assert!(fine && log.contains(&format!("scimform {VERSION}")), "{log}");
    assert!(std::fs::read_to_string(folder.join("path")).unwrap().contains("scimform/bin"));

    let (fine, log) = run(&[("SCIMFORM_SHA256", "00")]);
    assert!(!fine && log.contains("is not what its checksum says"), "{log}");
    let sums = folder.join(format!("releases/v{VERSION}/SHA256SUMS"));
    let text = std::fs::read_to_string(&sums).unwrap();
    std::fs::write(&sums, text.replace(['a', '1'], "0")).unwrap();
    let (fine, log) = run(&[]);
    assert!(!fine && log.contains("is not what its checksum says"), "{log}");
    std::fs::write(&sums, "").unwrap();
    assert!(!run(&[]).0, "without a checksum nothing is taken");

    let (fine, log) = run(&[("SCIMFORM_VERSION", "../../evil")]);
    assert!(!fine && log.contains("is no version"), "{log}");
    let (fine, log) = run(&[("SCIMFORM_BINARY", env!("CARGO_BIN_EXE_scimform"))]);
    assert!(fine, "a program that is there needs no release: {log}");
}

/// The digest that a refused run says to take.
#[track_caller]
pub fn offered(log: &str) -> String {
    let (_, after) = log.split_once("`expect` = `").unwrap_or_else(|| panic!("no way out in {log}"));
    after.chars().take_while(char::is_ascii_hexdigit).collect()
}
