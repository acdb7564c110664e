//! Who of a listing is imported: by flags, else asked on a terminal. Nothing is imported silently (S0-28).

use std::collections::BTreeSet;

use inquire::{InquireError, MultiSelect};

use crate::cli::args::ImportOptions;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::import::{Entry, Listing, Status};
use crate::mapping::{Expression, Subject, check_names};
use crate::render::escape::terminal;
use crate::scim::ResourceKind;

/// Rows of the question that are seen at once.
const ROWS: usize = 15;

/// What was asked for.
pub(super) struct Chooser {
    everyone: bool,
    only: Vec<String>,
    rule: Option<Expression>,
    kinds: (bool, bool),
    new_only: bool,
}

impl Chooser {
    pub(super) fn new(context: &Context, options: &ImportOptions) -> Result<Self, CommandError> {
        let named = !options.only.is_empty() || options.rule.is_some();
        if !options.all && !named && !options.dry_run && !context.interactive {
            return Err(CommandError::usage("who is to be imported? There is no terminal to ask at").hint(
                "Give `--all`, `--only WHO` or `--where EXPRESSION`; `--dry-run` lists everyone and writes nothing.",
            ));
        }
        let rule = options.rule.as_deref().map(compile).transpose()?;
        Ok(Self {
            everyone: options.all || (options.dry_run && !named),
            only: options.only.clone(),
            rule,
            kinds: (!options.groups_only, !options.users_only),
            new_only: options.new_only,
        })
    }

    /// The places of those chosen. `bind` says whether someone declared can be given to the target.
    pub(super) fn choose(
        &self,
        context: &Context,
        listing: &Listing,
        bind: bool,
    ) -> Result<BTreeSet<usize>, CommandError> {
        for word in &self.only {
            if !listing.entries.iter().any(|entry| self.covers(entry) && entry.is(word)) {
                return Err(CommandError::usage(format!("nobody at the target is `{word}`")).naming_people().hint(
                    "`--only` takes a key, a userName, a group's displayName or an id; `--dry-run` lists them.",
                ));
            }
        }
        let waits = |entry: &Entry| {
            self.covers(entry) && (entry.status == Status::New || (bind && !self.new_only && !entry.bound))
        };
        let waiting: Vec<usize> =
            listing.entries.iter().enumerate().filter(|(_, entry)| waits(entry)).map(|(place, _)| place).collect();
        let by_flags = self.everyone || !self.only.is_empty() || self.rule.is_some();
        if !by_flags {
            return ask(context, listing, &waiting);
        }
        let mut chosen = BTreeSet::new();
        for place in waiting {
            let Some(entry) = listing.entries.get(place) else { continue };
            let named = self.only.is_empty() || self.only.iter().any(|word| entry.is(word));
            let holds = match &self.rule {
                Some(rule) => entry.test(rule).map_err(|error| {
                    CommandError::new(format!("`--where` fails for `{}`: {}", entry.key, error.message)).naming_people()
                })?,
                None => true,
            };
            if named && holds {
                chosen.insert(place);
            }
        }
        Ok(chosen)
    }

    fn covers(&self, entry: &Entry) -> bool {
        if entry.kind == ResourceKind::User { self.kinds.0 } else { self.kinds.1 }
    }
}

fn compile(text: &str) -> Result<Expression, CommandError> {
    let wrong = |message: &str, hint: Option<String>| {
        let error = CommandError::usage(format!("`--where`: {message}"));
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    };
    let rule = Expression::compile(text, None).map_err(|error| wrong(&error.message, error.hint))?;
    match check_names(&rule, &[Subject::User, Subject::Group]).into_iter().next() {
        Some(problem) => Err(wrong(&problem.message, problem.hint)),
        None => Ok(rule),
    }
}

fn ask(context: &Context, listing: &Listing, waiting: &[usize]) -> Result<BTreeSet<usize>, CommandError> {
    if waiting.is_empty() || !context.interactive {
        return Ok(BTreeSet::new());
    }
    let row = |place: &usize| {
        let entry = listing.entries.get(*place)?;
        let status = if entry.status == Status::New { "New     " } else { "Imported" };
        Some(format!("{status}  {:<5}  {:<24}  {}", entry.kind, terminal(&entry.key), terminal(&entry.name)))
    };
    let rows: Vec<String> = waiting.iter().filter_map(row).collect();
    let answer = MultiSelect::new("Who is imported?", rows)
        .with_page_size(ROWS)
        .with_help_message("type to filter, space chooses, → all, ← none, enter imports, esc stops")
        .raw_prompt();
    match answer {
        Ok(rows) => Ok(rows.iter().filter_map(|row| waiting.get(row.index).copied()).collect()),
        Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => {
            Err(CommandError::new("nothing was imported"))
        }
        Err(error) => Err(CommandError::new(format!("can't ask: {error}"))),
    }
}
