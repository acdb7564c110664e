//! Asks the person at the terminal.

use std::io::Write as _;

use super::context::Context;
use super::error::CommandError;
use super::signals::blocking_unless_ended;
use crate::render::escape::terminal;
use crate::wording::count;

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
    let read = || {
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map(|_| answer)
    };
    let answer = blocking_unless_ended(read)
        .inspect_err(|_| context.ask(""))?
        .map_err(|error| CommandError::new(format!("cannot read the answer: {error}")))?;
    Ok(answer.trim().to_owned())
}
