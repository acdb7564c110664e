//! Asks the person at the terminal.

use std::io::Write as _;

use super::context::Context;
use super::error::CommandError;
use crate::render::{count, escape::terminal};

/// Asks on the terminal; only `yes` is a yes.
pub(super) fn approved(context: &Context, question: &str) -> Result<bool, CommandError> {
    Ok(answer(context, &format!("\n{question} Only `yes` is a yes."))? == "yes")
}

/// Asks for the number of removals, which nobody types without having looked.
pub(super) fn counted(context: &Context, removals: u64, limited: bool) -> Result<bool, CommandError> {
    let limit = if limited { " That is more than the limit, which the right number lifts." } else { "" };
    let what = count(removals, "removal");
    let question = format!("\nThe plan has {what}.{limit}\nType the number of removals to make all changes.");
    Ok(answer(context, &question)?.parse() == Ok(removals))
}

/// Asks for the number of entries that the ledger is to forget.
pub(super) fn forgotten(context: &Context, target: &str, managed: &str, number: u64) -> Result<bool, CommandError> {
    let question = format!(
        "\nThe ledger knows {managed} at `{}`. Type how many entries these are to forget them all.",
        terminal(target)
    );
    Ok(answer(context, &question)?.parse() == Ok(number))
}

/// Asks for a number, which nobody types without having looked.
pub(super) fn number(context: &Context, question: &str, wanted: u64) -> Result<bool, CommandError> {
    Ok(answer(context, &format!("\n{question}"))?.parse() == Ok(wanted))
}

fn answer(context: &Context, question: &str) -> Result<String, CommandError> {
    context.ask(question);
    let mut err = std::io::stderr();
    let _ = write!(err, "  > ").and_then(|()| err.flush());
    let read = match tokio::runtime::Handle::try_current() {
        Ok(runtime) => tokio::task::block_in_place(|| runtime.block_on(until_answered())),
        Err(_) => Some(line()),
    };
    let Some(read) = read else {
        context.ask("");
        return Err(CommandError::interrupted());
    };
    let answer = read.map_err(|error| CommandError::new(format!("cannot read the answer: {error}")))?;
    Ok(answer.trim().to_owned())
}

fn line() -> std::io::Result<String> {
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map(|_| answer)
}

/// A line, or `None` where Ctrl-C came before it: once a runtime listens for it, the system no longer ends the program.
async fn until_answered() -> Option<std::io::Result<String>> {
    let (sender, answer) = tokio::sync::oneshot::channel();
    // Nothing ends a read from a terminal early, so nobody waits for this thread.
    std::thread::spawn(move || sender.send(line()));
    tokio::select! {
        read = answer => read.ok(),
        _ = tokio::signal::ctrl_c() => None,
    }
}
