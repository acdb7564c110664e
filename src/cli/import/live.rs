//! People and groups of a target.

use std::path::{Component, Path};

use super::{choose, write};
use crate::cli::args::{ImportFormat, ImportOptions, Scope as Run};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit, Outcome, json};
use crate::cli::load::engine;
use crate::cli::signals::{runtime, unless_ended};
use crate::directory::{Mode, Target};
use crate::engine::{Engine, Keeping, TOOL};
use crate::import::{self, Binds, FORMAT, Import, Listing, Plan, Scope, Settled, Status};
use crate::live::Live;
use crate::plan::observe::Purpose;
use crate::render::import::human;

pub(super) fn run(context: &Context, options: &ImportOptions, name: &str) -> Outcome {
    let scope = Run { targets: vec![name.to_owned()], sandbox: options.sandbox, ..Run::default() };
    let engine = engine(context, &scope)?;
    let targets = engine.scope.targets(&engine.directory)?;
    let target = targets.first().ok_or_else(|| CommandError::usage("name the target to import from"))?;
    may_import(target, options)?;
    let plan = Plan {
        layout: options.layout.into(),
        folder: folder(options.out.as_deref().unwrap_or(Path::new("")), &engine.root)?,
    };
    let chooser = choose::Chooser::new(context, options)?;
    let binds = match (&options.binding, options.no_binding) {
        (_, true) => Binds::Nobody,
        (Some(name), false) => Binds::Named(name.clone()),
        (None, false) => Binds::AsNeeded,
    };
    let mapping = import::mapping_for(&engine.directory, target, &binds).map_err(CommandError::new)?;
    let mut wanted = import::wanted(&engine.directory, target, &mapping, engine.as_of);
    if options.users_only {
        wanted.groups.clear();
    }
    runtime()?.block_on(engine.session(context, Keeping::Nothing, async |session, _| {
        let purpose = Purpose::Everything(wanted);
        let seen = unless_ended(session.each(&purpose, async |seen| seen)).await?;
        let [seen] = seen.as_slice() else { return Err(CommandError::usage("name the target to import from")) };
        if let Some(why) = &seen.plan.failed {
            return Err(CommandError::new(format!("`{}` can't be read: {why}", target.name)));
        }
        let scope = Scope {
            sources: &engine.sources,
            target: &target.name,
            live: &seen.observed.live,
            ledger: &seen.observed.ledger,
            hasher: session.hasher(seen.target),
            as_of: engine.as_of,
            binds: &binds,
        };
        finish(context, options, &engine, target, &scope, &plan, &chooser)
    }))
}

/// Lists, lets choose, settles, writes and reports.
fn finish(
    context: &Context,
    options: &ImportOptions,
    engine: &Engine,
    target: &Target,
    scope: &Scope<'_>,
    plan: &Plan,
    chooser: &choose::Chooser,
) -> Outcome {
    let listing = import::list(scope).map_err(CommandError::new)?;
    let chosen = chooser.choose(context, &listing, *scope.binds != Binds::Nobody)?;
    let settled = import::settle(scope, &engine.directory, &listing, &chosen, plan);
    let settled = settled.map_err(|error| {
        CommandError::new(format!("nothing was written: {error}"))
            .naming_people()
            .hint("Choose fewer with `--only` or `--where`, or another place with `--out` and `--layout`.")
    })?;
    if !options.dry_run {
        write::write(&engine.root, &engine.sources, &settled.texts)?;
    }
    let report = report(options, target, scope.live, &listing, settled);
    let text = match options.format {
        ImportFormat::Human => human(&report, &context.look(), options.new_only),
        ImportFormat::Json => json(&report)?,
    };
    context.print(&text)?;
    Ok(if report.complete { Exit::Done } else { Exit::Error })
}

/// What can be said without asking the target.
fn may_import(target: &Target, options: &ImportOptions) -> Result<(), CommandError> {
    let name = &target.name;
    if target.mode == Mode::Disabled {
        return Err(CommandError::new(format!("the target `{name}` is disabled, so it is not read"))
            .hint("Take out its `mode: disabled`."));
    }
    let resources = target.profile.capabilities.resources;
    if options.groups_only && !resources.groups {
        return Err(CommandError::new(format!(
            "groups can't be imported from `{name}`: {} has none by SCIM. Nothing was asked of it",
            target.profile.title
        ))
        .hint("Leave out `--groups-only`: people are imported."));
    }
    Ok(())
}

/// The folder of the files as a path from the repository's root.
pub(super) fn folder(out: &Path, root: &Path) -> Result<String, CommandError> {
    let inside = out.strip_prefix(root).unwrap_or(out);
    let mut parts: Vec<String> = Vec::new();
    for part in inside.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(CommandError::usage(format!("{} is not in the repository", out.display()))
                    .hint("Give a folder below the one of `scimform.yaml`."));
            }
        }
    }
    if let Some(hidden) = parts.iter().find(|part| part.starts_with('.')) {
        return Err(CommandError::usage(format!("`{hidden}` is a hidden folder, which is no part of the repository")));
    }
    Ok(parts.join("/"))
}

fn report(options: &ImportOptions, target: &Target, live: &Live, listing: &Listing, settled: Settled) -> Import {
    let short = live.short_because();
    let mut import = Import {
        format: FORMAT.to_owned(),
        tool: TOOL.to_owned(),
        target: target.name.to_string(),
        sandbox: options.sandbox,
        dry_run: options.dry_run,
        requests: live.requests,
        complete: short.is_none(),
        incomplete_because: short,
        summary: settled.summary,
        entries: settled.items,
        files: settled.files,
        binding: settled.binding,
        notices: settled.notices,
        next: Vec::new(),
    };
    import.notices.extend(live.discovery.notices.iter().cloned());
    if !target.profile.capabilities.resources.groups && !options.users_only {
        import.notices.push(format!("{} has no groups by SCIM: people alone are imported", target.profile.title));
    }
    import.next = next(options, &import, listing);
    import
}

/// What to do next (S0-33).
fn next(options: &ImportOptions, import: &Import, listing: &Listing) -> Vec<String> {
    let target = &import.target;
    let sandbox = if options.sandbox { " --sandbox" } else { "" };
    let mut next = Vec::new();
    if import.dry_run && !import.files.is_empty() {
        next.push("Nothing was written; the same command without `--dry-run` writes it.".to_owned());
        return next;
    }
    if !import.files.is_empty() {
        let empty = if import.summary.differing == 0 { "it has no changes" } else { "it shows what differs" };
        next.push(format!("Read the files, then run `scimform plan --target {target}{sandbox}`: {empty}."));
    }
    if import.entries.iter().any(|item| item.written && item.managed) || import.binding.is_some() {
        next.push(format!(
            "Commit them and run `scimform apply --target {target}{sandbox}` once: from then on the ledger knows who is \
             managed, and whoever is taken out of the files loses access."
        ));
    }
    if let Some(binding) = &import.binding {
        next.push(format!(
            "The binding `{binding}` names everyone one by one. Where a group says it better, write `assign: {{ groups: \
             [KEY] }}` and take the names out."
        ));
    }
    let unbound =
        import.entries.iter().filter(|item| !item.managed && (item.written || item.status == Status::Imported));
    let unbound: Vec<&str> = unbound.map(|item| item.key.as_str()).take(3).collect();
    if let Some(first) = unbound.first() {
        next.push(format!(
            "{} imported and in no group or list bound to `{target}`: unmanaged, and never changed or deactivated ({}{}). Name \
             them in a binding's `assign` (people) or `push` (groups) to manage them.",
            match import.summary.unmanaged {
                1 => "1 is".to_owned(),
                count => format!("{count} are"),
            },
            if import.summary.unmanaged > 1 { "such as " } else { "" },
            first
        ));
    }
    let left = listing.entries.iter().filter(|entry| entry.status == Status::New).count() as u64;
    let waiting = left.saturating_sub(import.summary.written + import.summary.left);
    if waiting > 0 {
        next.push(format!("{waiting} New were not chosen; `--new-only` lists them, `--all` takes them."));
    }
    next
}
