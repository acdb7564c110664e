//! The page about profiles.

use std::fmt::Write as _;
use std::sync::Arc;

use scimform::profile::{
    AuthForm, Clear, Confidence, Deletion, Form, MemberRemoval, MembersShown, Paging, Profile, Quirk, Rate, WriteVerb,
};
use scimform::scim::path::AttrPath;
use serde_json::Value;

use crate::support::golden::in_repository;

/// A profile of the reader's own, as the page shows it.
pub(crate) const EXAMPLE: &str = "version: 1
profiles:
  acme-hr:
    extends: slack                        # any profile; generic if left out
    title: Acme HR
    url: https://api.acme-hr.example/scim/v2
    auth: { header: x-acme-key }
    capabilities:
      membersPerPatch: 50                 # what is not said here is as at Slack
      deletion: none
    attributes:
      serverOwned: [displayName]          # a list takes the place of Slack's
      aliases: { title: position }        # names are merged by name
    mapping:
      user:
        displayName: null                 # takes a row out
        title: null
        position: user.title
    quirks:
      - { text: Tokens end after a year., source: Acme's handbook }
    confidence: { capabilities.membersPerPatch: unverified }
targets:
  acme:
    profile: acme-hr
    auth: { header: { name: x-acme-key, value: { env: ACME_KEY } } }
    capabilities: { membersPerPatch: 25 } # still on top
bindings:
  staff: { target: acme, assign: { groups: [everyone] } }
groups:
  everyone: { displayName: Everyone, where: 'true' }
users:
  ada:
    userName: ada
    title: Engineer
    emails: [{ value: ada@acme.example, type: work, primary: true }]
";

const HEAD: &str = "# Profiles

What scimform knows of each vendor, from `src/profile/builtin`. This page is generated.

A profile says how a server is logged in to, what it can do, how it treats single attributes, which mapping is used where
a binding names none, and what is odd about it. A `?` marks what is not verified in the vendor's own text; it is used
all the same, and never makes a read complete. That lists show the deactivated is said only where it is verified:
elsewhere, whom we deactivated is asked for by id before the ledger gives the account up. In the table, `*` marks what
the vendor's text was not found to say, so that what RFC 7643 and RFC 7644 say is taken. Discovery
(`/ServiceProviderConfig`) fills in what a profile leaves open.

## Other facts, other vendors

Any fact can be replaced for one target under `targets.<t>.capabilities`, by its name in the profile's `capabilities`; how
attributes are treated under `capabilities.attributes`:

```yaml
targets:
  hr:
    profile: lattice
    capabilities: { patch: true, pageSize: 50, attributes: { createOnly: [externalId] } }
```

A vendor that is not here gets a profile of your own, in any file of the repository under `profiles`. It builds on
another one, `generic` if none is named: single facts take the place of that one's, what has names of its own (aliases,
rows of the mapping, hints) is merged by name, and lists are replaced as a whole. What you say counts as known unless
`confidence` says otherwise. Its name can be used wherever a profile's can: `targets.<t>.profile`, `extends` of a mapping or
of another profile, and `scimform sandbox --profile`.

```yaml
";

const AFTER: &str = "```

`scimform schema profile` prints the JSON Schema of a whole profile file, with every fact and what it means.

## What the embedded server does not play

`scimform sandbox --profile` and `--sandbox` play the facts of a profile. What is known in words alone is not played, so a
run against the embedded server does not show what becomes of it at the vendor:

- AWS IAM Identity Center has no `/.search` and no sorting, and refuses photos and the like instead of dropping them.
- Snowflake answers a filter that it does not support by an empty list.
- GitLab shows the formatted name under the flat key `name.formatted`.
- HCP Terraform lets a PATCH change a few attributes alone, and remove none but `externalId`.
- Cloudflare takes no group whose name begins with CF.
- Servers that were built for Entra ID want each `type` once among the values of an attribute.
- Figma hides people who did not come by SCIM until someone is created with their userName.
- Miro limits some requests by their size: a larger PATCH of a group counts against a lower rate.
- Slack has limits of its own for short bursts; here the rates alone count.

## At a glance

";

pub(crate) fn page(all: &[Arc<Profile>]) -> String {
    let mut page = format!("{HEAD}{EXAMPLE}{AFTER}");
    page.push_str(
        "| profile | users, groups | PATCH, PUT | paging | filters on users | members a PATCH | nested | rename | DELETE of users | members shown | rate | login |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for profile in all {
        let _ = writeln!(page, "| {} |", glance(profile).join(" | "));
    }
    page.push('\n');
    for profile in all {
        vendor(&mut page, profile);
    }
    page.trim_end().to_owned() + "\n"
}

/// A fact in words, with a mark where it is not sure.
fn sure(profile: &Profile, facts: &[&str], words: String) -> String {
    if words.is_empty() || facts.iter().all(|fact| profile.is_verified(fact)) { words } else { format!("{words} ?") }
}

/// The same, with a mark where the vendor's file does not say it.
fn said(profile: &Profile, written: &Value, facts: &[&str], words: String) -> String {
    let stands = |fact: &&str| written.pointer(&format!("/{}", fact.replace('.', "/"))).is_some();
    let words = sure(profile, facts, words);
    let assumed = profile.name != "generic" && !words.is_empty() && !words.ends_with('?') && !facts.iter().any(stands);
    if assumed { format!("{words} *") } else { words }
}

/// The vendor's file as it is written.
fn file(profile: &Profile) -> Value {
    let path = in_repository(format!("src/profile/builtin/{}.yaml", profile.name));
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn can(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

fn glance(profile: &Profile) -> Vec<String> {
    let facts = &profile.capabilities;
    let groups = facts.resources.groups;
    let file = file(profile);
    let sure = |facts: &[&str], words: String| said(profile, &file, facts, words);
    let kinds = match (facts.resources.users, groups) {
        (true, true) => "both",
        (true, false) => "users",
        (false, true) => "groups",
        (false, false) => "none",
    };
    let of_groups = |words: String| if groups { words } else { "-".to_owned() };
    let patch = match facts.patch {
        Some(flag) => can(flag),
        None => "discovery",
    };
    let put = if facts.put && groups && facts.put_groups == Some(false) { "users" } else { can(facts.put) };
    let page = facts.page_size.map_or_else(String::new, |size| format!(", {size}"));
    let filters = if facts.filter_users.is_empty() { "none".to_owned() } else { facts.filter_users.join(", ") };
    let filters = if facts.filter_and { filters } else { format!("{filters} (one)") };
    let bytes = facts.bytes_per_patch.map_or_else(String::new, |bytes| format!(", {bytes} bytes"));
    vec![
        format!("[{}](#{})", profile.name, anchor(profile)),
        sure(&["capabilities.resources.users", "capabilities.resources.groups"], kinds.to_owned()),
        format!("{}, {}", sure(&["capabilities.patch"], patch.to_owned()), sure(&["capabilities.put"], put.to_owned())),
        sure(&["capabilities.paging", "capabilities.pageSize"], format!("{}{page}", paging(facts.paging))),
        sure(&["capabilities.filterUsers"], filters),
        of_groups(sure(&["capabilities.membersPerPatch"], format!("{}{bytes}", facts.members_per_patch))),
        of_groups(sure(&["capabilities.nestedGroups"], can(facts.nested_groups).to_owned())),
        of_groups(sure(&["capabilities.renameGroups"], can(facts.rename_groups).to_owned())),
        sure(&["capabilities.deletion"], deletion(facts.deletion).to_owned()),
        of_groups(sure(&["capabilities.members"], shown(facts.members).to_owned())),
        sure(&["capabilities.rates"], facts.rates.iter().map(rate).collect::<Vec<_>>().join("; ")),
        sure(&["auth"], login(&profile.auth)),
    ]
}

fn heading(profile: &Profile) -> String {
    format!("{} (`{}`)", profile.title, profile.name)
}

/// The name that Markdown readers give to the vendor's heading.
fn anchor(profile: &Profile) -> String {
    let heading = heading(profile).to_lowercase();
    let kept = heading.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, '-' | ' ' | '_'));
    kept.map(|sign| if sign == ' ' { '-' } else { sign }).collect()
}

fn vendor(page: &mut String, profile: &Profile) {
    let _ = writeln!(page, "## {}\n", heading(profile));
    let mut lines: Vec<(&str, String)> = Vec::new();
    let mut line = |what: &'static str, facts: &[&str], words: String| {
        if !words.is_empty() {
            lines.push((what, sure(profile, facts, words)));
        }
    };
    let codes = |paths: &[String]| paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
    let address = |url: &Option<String>| url.as_ref().map_or_else(String::new, |url| format!("`{url}`"));
    line("Address", &["url"], address(&profile.url));
    line("Form of the address", &["urlForm"], address(&profile.url_form));
    capabilities(profile, &mut line);
    let matched =
        |paths: &[String]| if paths.is_empty() { String::new() } else { format!("{} in this order", codes(paths)) };
    let mapping = scimform::mapping::default_mapping(profile).map(|mapping| {
        let names =
            |paths: &[scimform::scim::path::AttrPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
        (names(&mapping.matching.users), names(&mapping.matching.groups))
    });
    let (users, groups) = mapping.unwrap_or_default();
    line("People are recognised by", &[], matched(&users));
    if profile.capabilities.resources.groups {
        line("Groups are recognised by", &[], matched(&groups));
    }
    attributes(profile, &mut line);
    for (what, words) in lines {
        let _ = writeln!(page, "- {what}: {words}");
    }
    page.push('\n');
    if !profile.quirks.is_empty() {
        page.push_str("To be known:\n\n");
    }
    for quirk in &profile.quirks {
        let _ = writeln!(page, "- {}{}", quirk.text.trim(), origin(quirk));
    }
    let hints =
        [("401", &profile.hints.unauthorized), ("403", &profile.hints.forbidden), ("404", &profile.hints.not_found)];
    let hints: Vec<_> = hints.into_iter().filter_map(|(status, hint)| Some((status, hint.as_ref()?))).collect();
    if !hints.is_empty() {
        page.push_str("\nWhere it refuses:\n\n");
    }
    for (status, hint) in hints {
        let _ = writeln!(page, "- {status}: {}", hint.trim());
    }
    page.push('\n');
}

fn capabilities(profile: &Profile, line: &mut impl FnMut(&'static str, &[&str], String)) {
    let facts = &profile.capabilities;
    let groups = facts.resources.groups;
    let said = |flag: bool, words: &str| if flag { words.to_owned() } else { String::new() };
    let write = match facts.write {
        WriteVerb::Auto => "",
        WriteVerb::Patch => "PATCH",
        WriteVerb::Put => "PUT",
    };
    line("Changes are written by", &["capabilities.write"], write.to_owned());
    line("Filters on groups", &["capabilities.filterGroups"], said(groups, &facts.filter_groups.join(", ")));
    let made = said(groups && !facts.create_groups, "not made here");
    line("Groups", &["capabilities.createGroups"], made);
    if groups {
        line("DELETE of groups", &["capabilities.groupDeletion"], deletion(facts.group_deletion).to_owned());
        let removal = match facts.member_removal {
            MemberRemoval::Filter => "`members[value eq \"id\"]`, one operation each",
            MemberRemoval::Value => "the path `members` with a list of values",
            MemberRemoval::Replace => "replacing all members",
        };
        line("Members are removed by", &["capabilities.memberRemoval"], removal.to_owned());
        line(
            "All members at once",
            &["capabilities.replaceMembers"],
            said(!facts.replace_members, "can't be replaced"),
        );
        line("Names of groups", &["capabilities.uniqueGroupNames"], said(facts.unique_group_names, "are unique"));
    }
    let clear = match facts.clear {
        Clear::Remove => "",
        Clear::Null => "replacing by `null`",
        Clear::Empty => "replacing by the empty text",
    };
    line("Attributes are cleared by", &["capabilities.clear"], clear.to_owned());
    line("Filters in paths of a PATCH", &["capabilities.pathFilters"], said(!facts.path_filters, "not understood"));
    line("PATCH answers", &["capabilities.patchAnswers"], said(!facts.patch_answers, "without the resource"));
    let listed = match (facts.inactive_listed, profile.is_verified("capabilities.inactiveListed")) {
        (true, true) => "are in lists".to_owned(),
        (true, false) => String::new(),
        (false, _) => "are not in lists".to_owned(),
    };
    line("The deactivated", &["capabilities.inactiveListed"], listed);
    line(
        "Who is set inactive",
        &["capabilities.deactivationRemoves"],
        said(facts.deactivation_removes, "is gone, and the name is free"),
    );
    line("Reactivation", &["capabilities.reactivation"], said(!facts.reactivation, "not possible"));
    line("Made-up resources in lists", &["capabilities.synthetic"], facts.synthetic.join(", "));
    let other = facts.config_endpoint != "ServiceProviderConfig";
    line("Discovery at", &["capabilities.configEndpoint"], said(other, &format!("`/{}`", facts.config_endpoint)));
}

fn attributes(profile: &Profile, line: &mut impl FnMut(&'static str, &[&str], String)) {
    let rules = &profile.attributes;
    // One that is less sure than the others is marked by itself.
    let marked = |fact: &str, path: &String| {
        let own = profile.confidence.get(&format!("{fact}.{path}"));
        if own.is_some_and(|own| *own != Confidence::Verified) { format!("`{path}` ?") } else { format!("`{path}`") }
    };
    let list =
        |fact: &str, paths: Vec<String>| paths.iter().map(|path| marked(fact, path)).collect::<Vec<_>>().join(", ");
    let texts = |paths: &[AttrPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    let lists: [(&'static str, &str, Vec<String>); 9] = [
        ("Decided by the server", "attributes.serverOwned", texts(&rules.server_owned)),
        ("Taken at creation alone", "attributes.createOnly", texts(&rules.create_only)),
        ("Computed from what is sent", "attributes.derived", texts(&rules.derived)),
        ("Accepted and dropped", "attributes.ignored", texts(&rules.ignored)),
        ("Not known to the server", "attributes.unsupported", texts(&rules.unsupported)),
        ("Sent again with each update", "attributes.resent", texts(&rules.resent)),
        ("One value kept of", "attributes.singleValued", texts(&rules.single_valued)),
        ("In disguise while inactive", "attributes.disguisedWhenInactive", texts(&rules.disguised_when_inactive)),
        ("Extensions of its own", "attributes.extensions", rules.extensions.clone()),
    ];
    let pairs = |all: Vec<(String, String)>, verb: &str| {
        all.into_iter().map(|(a, b)| format!("`{a}` {verb} {b}")).collect::<Vec<_>>().join(", ")
    };
    let aliases = rules.aliases.iter().map(|(from, to)| (from.to_string(), format!("`{to}`"))).collect();
    line("Other places", &["attributes.aliases"], pairs(aliases, "at"));
    for (what, fact, paths) in lists {
        line(what, &[fact], list(fact, paths));
    }
    let coupled = rules.coupled.iter().map(|one| (one.path.to_string(), format!("`{}`", one.to))).collect();
    line("Coupled", &["attributes.coupled"], pairs(coupled, "follows"));
    let stored = rules.normalised.iter().map(|one| (one.path.to_string(), form(one.form).to_owned())).collect();
    line("Stored in a form of its own", &["attributes.normalised"], pairs(stored, "as"));
    let values = |all: &indexmap::IndexMap<AttrPath, serde_json::Value>| {
        all.iter().map(|(path, value)| (path.to_string(), format!("`{value}`"))).collect::<Vec<_>>()
    };
    line("Filled in where nothing is sent", &["attributes.defaults"], pairs(values(&rules.defaults), "by"));
    line("Shown in place of nothing", &["attributes.placeholders"], pairs(values(&rules.placeholders), "as"));
    let flags = [
        (rules.id_is_external_id, "idIsExternalId", "the id is the externalId"),
        (rules.text_booleans, "textBooleans", "booleans are shown as text"),
        (rules.explicit_nulls, "explicitNulls", "what is not set is shown as null"),
    ];
    for (_, name, words) in flags.into_iter().filter(|(flag, _, _)| *flag) {
        line("Besides", &[&format!("attributes.{name}")], words.to_owned());
    }
    for rule in &rules.rules {
        let email = if rule.email { "an e-mail address" } else { "" };
        let needed = if rule.required { "required" } else { "" };
        let forbidden = rule.forbid.as_ref().map_or_else(String::new, |part| format!("without `{part}`"));
        let plain = if rule.plain { "best of letters, digits, `.`, `_` and `-` alone" } else { "" };
        let most = rule.max_length.map_or_else(String::new, |most| format!("{most} characters at most"));
        let said =
            [needed, email, &forbidden, plain, &most].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>();
        let fact = format!("attributes.rules.{}", rule.path);
        line("Rule", &[&fact], format!("`{}` {}", rule.path, said.join(", ")));
    }
}

fn origin(quirk: &Quirk) -> String {
    let sure = match quirk.confidence {
        Confidence::Verified => None,
        Confidence::Secondary => Some("from a third party"),
        Confidence::Unverified => Some("not verified"),
    };
    let words: Vec<&str> = quirk.source.as_deref().into_iter().chain(sure).collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join("; ")) }
}

fn paging(paging: Paging) -> &'static str {
    match paging {
        Paging::Auto => "as offered",
        Paging::Index => "index",
        Paging::Cursor => "cursor",
        Paging::None => "none",
    }
}

fn deletion(deletion: Deletion) -> &'static str {
    match deletion {
        Deletion::Hard => "deletes",
        Deletion::Deactivates => "deactivates",
        Deletion::Irreversible => "for ever",
        Deletion::None => "none",
    }
}

fn shown(members: MembersShown) -> &'static str {
    match members {
        MembersShown::List => "in lists",
        MembersShown::ById => "by id",
        MembersShown::Never => "never",
    }
}

fn login(form: &AuthForm) -> String {
    match form {
        AuthForm::Bearer => "bearer".to_owned(),
        AuthForm::Header(name) => format!("`{name}`"),
        AuthForm::Basic => "basic".to_owned(),
        AuthForm::OAuth2 => "OAuth 2.0".to_owned(),
    }
}

fn form(form: Form) -> &'static str {
    match form {
        Form::LowerCase => "small letters",
        Form::Phone => "a number with its country code",
        Form::Handle => "a handle",
        Form::Trimmed => "text without blanks around it",
    }
}

fn rate(rate: &Rate) -> String {
    let what = [rate.methods.join("/"), rate.resource.clone().unwrap_or_default()];
    let what: Vec<String> = what.into_iter().filter(|part| !part.is_empty()).collect();
    let what = if what.is_empty() { String::new() } else { format!("{} ", what.join(" ")) };
    format!("{what}{}/{} s", rate.requests, rate.seconds)
}
