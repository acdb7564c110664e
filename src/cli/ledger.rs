//! `ledger`: what is managed; forgetting and unlocking.

use std::fmt::Write as _;
use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

use super::args::{LedgerAction, LedgerOptions};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome, json};
use super::load::load_valid;
use super::review;
use crate::directory::Mode;
use crate::engine::{load_ledger, load_ledger_and_keep, open_store, take_lock};
use crate::ledger::{Ledger, LedgerError, Store};
use crate::render::escape::terminal;
use crate::scim::ResourceKind;
use crate::wording::count;

/// Keys longer than this do not push their neighbours away.
const LONG: usize = 32;

pub(super) fn run(context: &Context, options: &LedgerOptions) -> Outcome {
    let (loaded, directory) = load_valid(context)?;
    let store = open_store(&loaded.root, &directory, options.sandbox)?;
    match &options.action {
        LedgerAction::List => list(context, &read(context, &store)?),
        LedgerAction::Show { key } => show(context, &read(context, &store)?, key),
        LedgerAction::Forget { target, all: true, confirm, .. } => {
            // What is given up at a target that is written to would be taken over again by the next apply.
            if directory.targets.get(target.as_str()).is_some_and(|declared| declared.mode == Mode::Sync) {
                let message = format!("`{target}` is in use, so what is managed there is not forgotten as a whole");
                return Err(CommandError::refused(message)
                    .hint("Set `mode: disabled` at the target first; who is there keeps the account."));
            }
            forget_all(context, &store, target, *confirm, options.lock_timeout)
        }
        LedgerAction::Forget { target, counts: true, .. } => {
            forget_counts(context, &store, target, options.lock_timeout)
        }
        LedgerAction::Forget { target, keys, .. } => forget(context, &store, target, keys, options.lock_timeout),
        LedgerAction::Unlock { id } => unlock(context, &store, id.as_deref()),
        LedgerAction::Seal { remove, confirm } => {
            let lock = take_lock(context, &store, options.lock_timeout)?;
            let sealed = seal(context, &store, *remove, *confirm);
            drop(lock);
            sealed
        }
    }
}

/// Frees the lock that is shown, and no other. Where its run may go on, a person says that it does not.
fn unlock(context: &Context, store: &Store, id: Option<&str>) -> Outcome {
    let now = jiff::Timestamp::now();
    let Some(holder) = store.holder().map_err(failed)? else {
        context.print("No lock is held.\n")?;
        return Ok(Exit::Done);
    };
    let held = terminal(&holder.describe(now));
    let sure = match id {
        Some(id) if id != holder.id => {
            let message = format!("the lock is another one by now: {} of {held}", terminal(&holder.id));
            return Err(CommandError::refused(message).hint("Look again whether that run goes on."));
        }
        Some(_) => true,
        // The operating system knows whether the run goes on.
        None if !store.is_remote() => true,
        None if context.interactive => {
            context.say(&format!("The ledger at {} is locked by {held}.", store.place()));
            review::approved(context, "Free it? If that run goes on, two runs write at the same time.")?
        }
        None => {
            let hint = format!("If it is no longer there: `scimform ledger unlock {}`.", terminal(&holder.id));
            return Err(CommandError::usage(format!("the lock is held by {held}, whose run may go on")).hint(hint));
        }
    };
    if !sure {
        context.say("Nothing was changed.");
        return Ok(Exit::Error);
    }
    store.unlock(&holder, now).map_err(failed)?;
    context.print(&format!("Freed the lock of {held}.\n"))?;
    Ok(Exit::Done)
}

/// Seals the ledger as it stands, or takes its seal off, once the number of its entries was given.
fn seal(context: &Context, store: &Store, remove: bool, confirm: Option<u64>) -> Outcome {
    if !remove && !store.has_key() {
        return Err(CommandError::usage("SCIMFORM_LEDGER_KEY is not set, so there is nothing to seal with")
            .hint("Make a key with `openssl rand -hex 32` and keep it where the other secrets are."));
    }
    must_exist(store)?;
    let Some(ledger) = store.load_unsealed().map_err(failed)? else { return Ok(Exit::Done) };
    let mut total = 0;
    for (target, entries) in &ledger.targets {
        let (users, groups) = (entries.users.len() as u64, entries.groups.len() as u64);
        total += users + groups;
        context.say(&format!("{}: {} and {}", terminal(target), count(users, "user"), count(groups, "group")));
    }
    let what = if remove { "take the seal off" } else { "seal it as it is" };
    let sure = match confirm {
        Some(number) => number == total,
        None if context.interactive => {
            review::number(context, &format!("Type the number of entries to {what}."), total)?
        }
        None => false,
    };
    if !sure {
        let message = format!("the ledger has {}; nothing was changed", count(total, "entry"));
        return Err(CommandError::refused(message)
            .hint(format!("Look at them with `scimform ledger list`, then give `--confirm {total}`.")));
    }
    let saved = if remove { store.save_unsealed(&ledger) } else { store.save(&ledger) };
    saved.map_err(failed)?;
    let done = if remove { "Took the seal off" } else { "Sealed" };
    context.print(&format!("{done}: {}, {}.\n", store.place(), count(total, "entry")))?;
    Ok(Exit::Done)
}

fn failed(error: LedgerError) -> CommandError {
    CommandError::new(error.to_string())
}

/// The ledger, to be shown: one with a wrong seal too, since a person has to look at it.
fn read(context: &Context, store: &Store) -> Result<Ledger, CommandError> {
    must_exist(store)?;
    match store.load() {
        Err(error @ LedgerError::Seal { .. }) => {
            context.say(&format!("careful: {error}"));
            Ok(store.load_unsealed().map_err(failed)?.unwrap_or_default())
        }
        _ => load_ledger(context, store),
    }
}

fn must_exist(store: &Store) -> Result<(), CommandError> {
    if store.load_unsealed().map_err(failed)?.is_some() {
        return Ok(());
    }
    Err(CommandError::new(format!("there is no ledger at {}", store.place())).hint("The first apply makes one."))
}

fn list(context: &Context, ledger: &Ledger) -> Outcome {
    let keys = ledger.targets.values().flat_map(|entries| entries.users.keys().chain(entries.groups.keys()));
    let width = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|text| terminal(text).width()).max().unwrap_or(0).min(LONG)
    };
    let (targets, keys) = (width(&mut ledger.targets.keys()), width(&mut keys.into_iter()));
    let pad = |text: &str, width: usize| {
        let text = terminal(text);
        let missing = width.saturating_sub(text.width());
        text + &" ".repeat(missing)
    };
    let look = context.look();
    let mut text = String::new();
    for (target, entries) in &ledger.targets {
        for kind in ResourceKind::ALL {
            for (key, entry) in entries.of(kind) {
                let off = entry.deactivated.map(|day| format!("  deactivated {day}")).unwrap_or_default();
                let (target, key, id) = (pad(target, targets), pad(key, keys), terminal(&entry.id));
                text += &look.line(&format!("{target}  {:<5}  {key}  {id}{off}", kind.to_string()), 4);
            }
        }
    }
    context.show(&text)?;
    Ok(Exit::Done)
}

fn show(context: &Context, ledger: &Ledger, key: &str) -> Outcome {
    let mut text = String::new();
    for (target, entries) in &ledger.targets {
        for kind in ResourceKind::ALL {
            let Some(entry) = entries.of(kind).get(key) else { continue };
            let _ = write!(text, "{} {kind} {} {}", terminal(target), terminal(key), json(entry)?);
        }
    }
    if text.is_empty() {
        return Err(CommandError::usage(format!("the ledger knows no `{key}`")));
    }
    context.print(&text)?;
    Ok(Exit::Done)
}

/// Forgets everything at a target, once its number was given.
fn forget_all(context: &Context, store: &Store, target: &str, confirm: Option<u64>, patience: Duration) -> Outcome {
    let lock = take_lock(context, store, patience)?;
    must_exist(store)?;
    let mut ledger = load_ledger_and_keep(context, store)?;
    let entries = ledger.targets.get(target).ok_or_else(|| unknown(target))?;
    let (users, groups) = (entries.users.len() as u64, entries.groups.len() as u64);
    let managed = format!("{} and {}", count(users, "user"), count(groups, "group"));
    let wrong = || CommandError::refused(format!("the ledger knows {managed} at `{target}`; nothing was forgotten"));
    match confirm {
        Some(number) if number != users + groups => return Err(wrong().hint("Give their number as `--confirm N`.")),
        Some(_) => {}
        None if context.interactive => {
            if !review::forgotten(context, target, &managed, users + groups)? {
                return Err(wrong());
            }
        }
        None => return Err(wrong().hint(format!("If all are meant: `--confirm {}`.", users + groups))),
    }
    ledger.targets.remove(target);
    store.save(&ledger).map_err(failed)?;
    drop(lock);
    told(context, target, &managed)
}

fn forget(context: &Context, store: &Store, target: &str, keys: &[String], patience: Duration) -> Outcome {
    let lock = take_lock(context, store, patience)?;
    must_exist(store)?;
    let mut ledger = load_ledger_and_keep(context, store)?;
    let entries = ledger.targets.get_mut(target).ok_or_else(|| unknown(target))?;
    for key in keys {
        let user = entries.forget(ResourceKind::User, key).is_some();
        let group = entries.forget(ResourceKind::Group, key).is_some();
        if !user && !group {
            let message = format!("the ledger knows no `{key}` at `{target}`; nothing was forgotten");
            return Err(CommandError::usage(message));
        }
    }
    store.save(&ledger).map_err(failed)?;
    drop(lock);
    told(context, target, &keys.join(", "))
}

/// Forgets how much a target showed, so that the next read is held against nothing.
fn forget_counts(context: &Context, store: &Store, target: &str, patience: Duration) -> Outcome {
    let lock = take_lock(context, store, patience)?;
    must_exist(store)?;
    let mut ledger = load_ledger_and_keep(context, store)?;
    let seen = ledger.targets.get_mut(target).ok_or_else(|| unknown(target))?.seen.take().unwrap_or_default();
    store.save(&ledger).map_err(failed)?;
    drop(lock);
    let counts = format!("that it showed {} and {}", count(seen.users, "user"), count(seen.groups, "group"));
    told(context, target, &counts)
}

fn unknown(target: &str) -> CommandError {
    CommandError::usage(format!("the ledger knows no target `{target}`"))
}

fn told(context: &Context, target: &str, forgotten: &str) -> Outcome {
    context.print(&format!("Forgotten at {target}: {forgotten}. Nothing was changed there.\n"))?;
    Ok(Exit::Done)
}
