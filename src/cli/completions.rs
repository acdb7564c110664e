//! `completions SHELL`, and the answers to a shell that asks what could stand next.

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap_complete::CompleteEnv;
use clap_complete::Shell;
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use super::args::{Args, CompletionsOptions};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};

/// The variable by which the script asks.
const VARIABLE: &str = "COMPLETE";

/// Answers a shell, where one asks; `None` where this is a command as any other.
pub(super) fn answered(words: &[OsString]) -> Option<Exit> {
    let folder = std::env::current_dir().ok();
    match CompleteEnv::with_factory(Args::command).var(VARIABLE).try_complete(words, folder.as_deref()) {
        Ok(false) => None,
        Ok(true) => Some(Exit::Done),
        // Whoever asks from within a command line has no use for a message.
        Err(_) => Some(Exit::Usage),
    }
}

pub(super) fn run(context: &Context, options: &CompletionsOptions) -> Outcome {
    let (shell, how): (&dyn EnvCompleter, &str) = match options.shell {
        Shell::Bash => (&Bash, "Put this line into ~/.bashrc:\n  source <(scimform completions bash)"),
        Shell::Zsh => (&Zsh, "Put this line into ~/.zshrc, after `compinit`:\n  source <(scimform completions zsh)"),
        Shell::Fish => (
            &Fish,
            "Put this line into ~/.config/fish/completions/scimform.fish:\n  scimform completions fish | source",
        ),
        Shell::PowerShell => (
            &Powershell,
            "Put this line into the file that $PROFILE names:\n  scimform completions powershell | Out-String | Invoke-Expression",
        ),
        Shell::Elvish => {
            (&Elvish, "Put this line into ~/.config/elvish/rc.elv:\n  eval (scimform completions elvish | slurp)")
        }
        other => return Err(CommandError::usage(format!("there are no completions for {other}"))),
    };
    let mut script = Vec::new();
    shell
        .write_registration(VARIABLE, "scimform", "scimform", "scimform", &mut script)
        .map_err(|error| CommandError::new(format!("the script can't be made: {error}")))?;
    let script = String::from_utf8_lossy(&script);
    let how = format!(
        "{how}\nThe shell asks scimform itself for names: targets and keys come from the files of the folder. Make it anew \
         with each\nversion, as that line does, and do not keep a copy."
    );
    let comment: String = how.lines().map(|line| format!("# {line}\n")).collect();
    // What zsh looks for has to be its first line.
    let text = match script.split_once('\n') {
        Some((first, rest)) if first.starts_with("#compdef") => format!("{first}\n{comment}{rest}"),
        _ => format!("{comment}{script}"),
    };
    context.print(&text)?;
    Ok(Exit::Done)
}
