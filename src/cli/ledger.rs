//! `ledger`: what is managed; forgetting and unlocking.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

use super::args::{LedgerAction, LedgerOptions};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome, json};
use super::load::load_valid;
use super::review;
use crate::directory::Mode;
use crate::engine::{Ledgers, load_ledgers, load_ledgers_and_keep, open_store, take_lock};
use crate::ledger::{Holder, LedgerError, Store, TargetLedger};
use crate::render::escape::terminal;
use crate::scim::ResourceKind;
use crate::wording::{count, list as list_of};

/// Keys longer than this do not push their neighbours away.
const LONG: usize = 32;

pub(super) fn run(context: &Context, options: &LedgerOptions) -> Outcome {
    let (loaded, directory) = load_valid(context)?;
    let store = open_store(&loaded.root, &directory, options.sandbox)?;
    let patience = options.lock_timeout;
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
            changed(context, &store, target, patience, |ledger| forget_all(context, target, ledger, *confirm))
        }
        LedgerAction::Forget { target, counts: true, .. } => {
            changed(context, &store, target, patience, |ledger| Ok(forget_counts(ledger)))
        }
        LedgerAction::Forget { target, keys, .. } => {
            changed(context, &store, target, patience, |ledger| forget(target, ledger, keys))
        }
        LedgerAction::Unlock { id } => unlock(context, &store, id.as_deref()),
        LedgerAction::Seal { remove, confirm } => {
            let targets: Vec<String> = store.targets().map_err(failed)?.into_iter().collect();
            let lock = take_lock(context, &store, &targets, patience)?;
            let sealed = seal(context, &store, &targets, *remove, *confirm);
            drop(lock);
            sealed
        }
    }
}

/// Frees the locks of the run that is shown, and no others. Where that run may go on, a person says that it does not.
fn unlock(context: &Context, store: &Store, id: Option<&str>) -> Outcome {
    let now = jiff::Timestamp::now();
    let mut runs: BTreeMap<String, (Holder, Vec<String>)> = BTreeMap::new();
    for (target, holder) in store.holders().map_err(failed)? {
        runs.entry(holder.id.clone()).or_insert_with(|| (holder, Vec::new())).1.push(target);
    }
    if runs.is_empty() {
        context.print("No lock is held.\n")?;
        return Ok(Exit::Done);
    }
    if let Some(id) = id.filter(|id| !runs.contains_key(*id)) {
        let held =
            runs.values().map(|(holder, _)| format!("{} of {}", terminal(&holder.id), terminal(&holder.describe(now))));
        let message = format!("no lock is {}; there is {}", terminal(id), list_of(held));
        return Err(CommandError::refused(message).hint("Look again whether that run goes on."));
    }
    for (held, targets) in runs.values().filter(|(holder, _)| id.is_none_or(|id| id == holder.id)) {
        if !is_over(context, store, held, targets, id.is_some())? {
            context.say("Nothing was changed.");
            return Ok(Exit::Error);
        }
        for target in targets {
            store.unlock(target, held, now).map_err(failed)?;
        }
        context.print(&format!("Freed the lock of {}.\n", terminal(&held.describe(now))))?;
    }
    Ok(Exit::Done)
}

/// Whether the run that holds locks is surely no longer there.
fn is_over(
    context: &Context,
    store: &Store,
    holder: &Holder,
    targets: &[String],
    named: bool,
) -> Result<bool, CommandError> {
    let held = terminal(&holder.describe(jiff::Timestamp::now()));
    // The operating system knows whether the run goes on.
    if named || !store.is_remote() {
        return Ok(true);
    }
    if context.interactive {
        let targets = list_of(targets.iter().map(|target| format!("`{}`", terminal(target))));
        context.say(&format!("The ledger of {targets} is locked by {held}."));
        return review::approved(context, "Free it? If that run goes on, two runs write at the same time.");
    }
    let hint = format!("If it is no longer there: `scimform ledger unlock {}`.", terminal(&holder.id));
    Err(CommandError::usage(format!("the lock is held by {held}, whose run may go on")).hint(hint))
}

/// Seals the ledgers as they stand, or takes their seals off, once the number of their entries was given.
fn seal(context: &Context, store: &Store, targets: &[String], remove: bool, confirm: Option<u64>) -> Outcome {
    if !remove && !store.has_key() {
        return Err(CommandError::usage("SCIMFORM_LEDGER_KEY is not set, so there is nothing to seal with")
            .hint("Make a key with `openssl rand -hex 32` and keep it where the other secrets are."));
    }
    must_exist(store)?;
    let ledgers = store.load_unchecked(targets.iter().map(String::as_str)).map_err(failed)?;
    let mut total = 0;
    for (target, entries) in &ledgers {
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
    for (target, ledger) in &ledgers {
        let saved = if remove { store.save_unsealed(target, ledger) } else { store.save(target, ledger) };
        saved.map_err(failed)?;
    }
    store.remove_former().map_err(failed)?;
    let done = if remove { "Took the seal off" } else { "Sealed" };
    context.print(&format!("{done}: {}, {}.\n", store.place(), count(total, "entry")))?;
    Ok(Exit::Done)
}

fn failed(error: LedgerError) -> CommandError {
    CommandError::new(error.to_string())
}

/// The ledgers, to be shown: those with a wrong seal too, since a person has to look at them.
fn read(context: &Context, store: &Store) -> Result<Ledgers, CommandError> {
    must_exist(store)?;
    let targets: Vec<String> = store.targets().map_err(failed)?.into_iter().collect();
    let names = || targets.iter().map(String::as_str);
    match store.load(names()) {
        Err(error @ LedgerError::Seal { .. }) => {
            context.say(&format!("careful: {error}"));
            store.load_unchecked(names()).map_err(failed)
        }
        _ => Ok(load_ledgers(context, store, &targets)?),
    }
}

fn must_exist(store: &Store) -> Result<(), CommandError> {
    if !store.targets().map_err(failed)?.is_empty() {
        return Ok(());
    }
    Err(CommandError::new(format!("there is no ledger at {}", store.place())).hint("The first apply makes one."))
}

/// Changes the ledger of a target, with its lock in hand. The change says what was forgotten.
fn changed(
    context: &Context,
    store: &Store,
    target: &str,
    patience: Duration,
    change: impl FnOnce(&mut TargetLedger) -> Result<String, CommandError>,
) -> Outcome {
    let lock = take_lock(context, store, &[target.to_owned()], patience)?;
    must_exist(store)?;
    if !store.targets().map_err(failed)?.contains(target) {
        return Err(CommandError::usage(format!("the ledger knows no target `{target}`")));
    }
    let mut ledgers = load_ledgers_and_keep(context, store, &[target.to_owned()])?;
    let mut ledger = ledgers.remove(target).unwrap_or_default();
    let forgotten = change(&mut ledger)?;
    store.save(target, &ledger).map_err(failed)?;
    drop(lock);
    context.print(&format!("Forgotten at {target}: {forgotten}. Nothing was changed there.\n"))?;
    Ok(Exit::Done)
}

fn list(context: &Context, ledgers: &Ledgers) -> Outcome {
    let keys = ledgers.values().flat_map(|entries| entries.users.keys().chain(entries.groups.keys()));
    let width = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|text| terminal(text).width()).max().unwrap_or(0).min(LONG)
    };
    let (targets, keys) = (width(&mut ledgers.keys()), width(&mut keys.into_iter()));
    let pad = |text: &str, width: usize| {
        let text = terminal(text);
        let missing = width.saturating_sub(text.width());
        text + &" ".repeat(missing)
    };
    let look = context.look();
    let mut text = String::new();
    for (target, entries) in ledgers {
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

fn show(context: &Context, ledgers: &Ledgers, key: &str) -> Outcome {
    let mut text = String::new();
    for (target, entries) in ledgers {
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
fn forget_all(
    context: &Context,
    target: &str,
    ledger: &mut TargetLedger,
    confirm: Option<u64>,
) -> Result<String, CommandError> {
    let (users, groups) = (ledger.users.len() as u64, ledger.groups.len() as u64);
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
    *ledger = TargetLedger { salt: std::mem::take(&mut ledger.salt), sealed: ledger.sealed, ..TargetLedger::default() };
    Ok(managed)
}

fn forget(target: &str, ledger: &mut TargetLedger, keys: &[String]) -> Result<String, CommandError> {
    for key in keys {
        let user = ledger.forget(ResourceKind::User, key).is_some();
        let group = ledger.forget(ResourceKind::Group, key).is_some();
        if !user && !group {
            let message = format!("the ledger knows no `{key}` at `{target}`; nothing was forgotten");
            return Err(CommandError::usage(message));
        }
    }
    Ok(keys.join(", "))
}

/// Forgets how much a target showed, so that the next read is held against nothing.
fn forget_counts(ledger: &mut TargetLedger) -> String {
    let seen = ledger.seen.take().unwrap_or_default();
    format!("that it showed {} and {}", count(seen.users, "user"), count(seen.groups, "group"))
}
