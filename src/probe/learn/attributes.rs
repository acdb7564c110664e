//! Judges what was seen: which verb a plan should use, and what holds for each attribute.

use serde_json::json;

use super::parts::{Fate, Part};
use super::session::{Session, VerbTrial, method};
use crate::plan::Verb;
use crate::plan::schedule::verb;
use crate::probe::model::Outcome;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::wording::list;

/// What is judged by other trials: who somebody is, and whether there is access.
const APART: [&str; 2] = ["userName", "active"];

impl VerbTrial {
    fn took(&self) -> usize {
        self.fates.iter().filter(|(_, fate)| fate.took()).count()
    }

    /// The better one is greater.
    fn quality(&self) -> (bool, bool, bool, bool, usize) {
        (self.works, self.lost.is_empty(), self.unknown.is_none(), self.clears, self.took())
    }

    /// Whether it changes whatever is sent and nothing else.
    pub(super) fn does_all(&self) -> bool {
        let refuses = !self.refused.is_empty() || !self.unclear.is_empty() || self.unknown.is_some();
        self.works && !refuses && self.lost.is_empty()
    }

    /// Whether there was nothing to try it on.
    pub(super) fn untried(&self) -> bool {
        self.says.is_empty()
    }

    fn fate(&self, part: &Part) -> Option<&Fate> {
        self.fates.iter().find(|(known, _)| known == part).map(|(_, fate)| fate)
    }
}

/// What a part came to.
enum Verdict {
    Good,
    Note(String),
    /// Not to be sent in these trials; nothing is stated.
    Unclear(String),
    /// A rule that follows from a refusal.
    Refused(&'static str, String),
    Rule(&'static str, String),
}

impl Session<'_> {
    /// States the verb and the rules of attributes, and bars what is not to be sent.
    pub(super) fn judge_attributes(&mut self) {
        if self.put.says.is_empty() {
            return;
        }
        self.judge_verbs();
        let trial = if self.verb == Verb::Patch { self.patch.clone() } else { self.put.clone() };
        if self.verb == Verb::Patch
            && let Some(form) = trial.clear
        {
            let form = serde_json::to_value(form).unwrap_or_default();
            self.fact("clear", form, "a PATCH cleared an attribute in this form");
        }
        if trial.works && !trial.clears {
            self.tried("clear", Outcome::Odd, format!("{} cleared no attribute in any form", method(self.verb)));
        }
        if let Some(why) = &trial.unknown {
            let by = method(self.verb);
            let says = format!(
                "{by} of all attributes at once was answered with {why}; which of them it refuses, if any, is not known"
            );
            self.tried("attributes", Outcome::Left, says);
        }
        self.judge_losses(&trial);
        let Some(account) = self.accounts.first().cloned() else { return };
        let mut seen: Vec<Part> = account.fates.iter().map(|(part, _)| part.clone()).collect();
        let later = trial
            .fates
            .iter()
            .map(|(part, _)| part)
            .chain(trial.refused.iter().chain(&trial.unclear).map(|(part, _)| part));
        let refused = self.refused_at_creation.iter().map(|(part, _)| part);
        let more: Vec<Part> = later.chain(refused).filter(|part| !seen.contains(part)).cloned().collect();
        seen.extend(more);
        seen.dedup();
        let apart = |part: &Part| part.is_core() && APART.iter().any(|name| part.attribute.eq_ignore_ascii_case(name));
        let judged = seen.iter().filter(|part| !apart(part));
        let judged = judged.map(|part| (part.clone(), self.seen(part, &account.fates, &trial))).collect();
        self.state(ruled(judged));
        self.judge_user_name(&account.fates);
    }

    fn judge_verbs(&mut self) {
        let said = self.profile.capabilities.patch.or(self.discovery.patch);
        // A target that takes neither would be none: then nothing is said of either.
        let one = self.put.works || self.patch.works;
        if one && self.patch.certain && said != Some(self.patch.works) {
            let says = self.patch.says.clone();
            self.fact("patch", self.patch.works, says);
        }
        if one && self.put.certain {
            let says = self.put.says.clone();
            self.fact("put", self.put.works, says);
        }
        if self.conditional.load(std::sync::atomic::Ordering::Relaxed) && self.discovery.etag != Some(true) {
            self.fact("etag", true, "a change without `If-Match` was answered with 428");
        }
        let in_force = verb(&self.improved().capabilities, self.discovery, ResourceKind::User);
        let (patch, put) = (self.patch.quality(), self.put.quality());
        self.verb = match in_force {
            Verb::Patch if put > patch => Verb::Put,
            Verb::Put if patch > put => Verb::Patch,
            verb => verb,
        };
        let says = [&self.put, &self.patch].map(|trial| trial.says.clone()).join("; ");
        let outcome = if self.put.works || self.patch.works { Outcome::Good } else { Outcome::Odd };
        self.tried("update", outcome, says);
        if !one {
            self.probe.usable = false;
            self.probe.reason = Some("no update of a user was accepted in any form that was tried".to_owned());
        }
        if self.verb != in_force {
            let (better, worse) =
                if self.verb == Verb::Put { (&self.put, &self.patch) } else { (&self.patch, &self.put) };
            let because = format!(
                "{} changed {} parts of a user, {} {}{}{}",
                method(self.verb),
                better.took(),
                method(in_force),
                worse.took(),
                if worse.lost.is_empty() { "" } else { ", and took others away" },
                if worse.clears { "" } else { ", and cleared none" },
            );
            self.fact("write", if self.verb == Verb::Put { "put" } else { "patch" }, because);
        }
    }

    /// What each update takes away has to be sent again with it.
    fn judge_losses(&mut self, trial: &VerbTrial) {
        for part in &trial.lost {
            let whole = part.parent().to_string();
            let because = format!("`{part}` was gone after a {} of another attribute", method(self.verb));
            self.item("attributes.resent", whole, because);
        }
    }

    fn seen(&self, part: &Part, created: &[(Part, Fate)], trial: &VerbTrial) -> Verdict {
        let created = created.iter().find(|(known, _)| known == part).map(|(_, fate)| fate);
        // What PUT does not keep is not tried by PATCH.
        let updated = trial.fate(part).or_else(|| self.put.fate(part));
        let refusal =
            |list: &[(Part, String)]| list.iter().find(|(known, _)| known == part).map(|(_, why)| why.clone());
        let by = method(self.verb);
        let (made, changed) = (created.is_some_and(Fate::took), updated.is_some_and(Fate::took));
        let unclear = refusal(&trial.unclear).map(|why| format!("{by} with it was answered with {why}"));
        if !made && let Some(why) = refusal(&self.refused_at_creation) {
            return match (changed, self.confirmed.contains(part)) {
                (true, _) => Verdict::Note(format!("{why}; kept by {by}")),
                (false, true) => Verdict::Refused("unsupported", why),
                (false, false) => Verdict::Unclear(why),
            };
        }
        match (made, changed) {
            (true, true) => formed(part, updated.or(created)),
            (true, false) => match (refusal(&trial.refused), updated) {
                (Some(why), _) => Verdict::Refused("createOnly", format!("kept by POST; {by} was answered with {why}")),
                (None, Some(Fate::Other(_) | Fate::Missing)) => {
                    Verdict::Rule("createOnly", format!("kept by POST; {by} changed nothing"))
                }
                _ => unclear.map_or(Verdict::Good, |why| Verdict::Note(format!("kept by POST; {why}"))),
            },
            (false, true) if created.is_some() => Verdict::Note(format!("dropped by POST, kept by {by}")),
            (false, true) => formed(part, updated),
            (false, false) => match (refusal(&trial.refused), unclear, updated.or(created)) {
                (Some(why), ..) => Verdict::Refused("unsupported", format!("{by} with it was answered with {why}")),
                (None, Some(why), _) => Verdict::Unclear(why),
                // A value in a form of the server's own is kept; what is lost is no part of it.
                (None, None, Some(Fate::Other(_))) if is_value(part) => {
                    Verdict::Note("another value is shown than was sent".to_owned())
                }
                (None, None, Some(Fate::Other(_))) if is_part_of_many(part) => {
                    Verdict::Rule("unsupported", "another value is shown than was sent".to_owned())
                }
                (None, None, Some(Fate::Other(_))) => Verdict::Rule(
                    "serverOwned",
                    format!("another value is shown than {} sent", sent_by(created, updated, by)),
                ),
                (None, None, Some(_)) => {
                    let by = sent_by(created, updated, by);
                    Verdict::Rule("unsupported", format!("accepted by {by}, and not shown afterwards"))
                }
                (None, None, None) => Verdict::Good,
            },
        }
    }

    fn state(&mut self, judged: Vec<(Part, Verdict)>) {
        let of_rule = |name: &str, part: &Part| {
            judged
                .iter()
                .any(|(known, verdict)| known == part && matches!(verdict, Verdict::Rule(rule, _) if *rule == name))
        };
        let mut lines: Vec<(&str, &str, Vec<Part>)> = Vec::new();
        let (mut notes, mut unclear) = (Vec::new(), Vec::new());
        for (part, verdict) in &judged {
            match verdict {
                Verdict::Good | Verdict::Refused(..) => {}
                Verdict::Note(text) => notes.push(format!("`{part}`: {text}")),
                Verdict::Unclear(text) => unclear.push(format!("`{part}`: {text}")),
                Verdict::Rule("normalised", form) => self.normalised(part, form),
                Verdict::Rule(rule, because) => {
                    let mut siblings = judged.iter().filter(|(known, _)| known.parent() == part.parent());
                    let whole = siblings.all(|(known, _)| of_rule(rule, known)) || is_value(part);
                    let name = if whole { part.parent() } else { part.clone() };
                    match lines.iter_mut().find(|(known, why, _)| known == rule && why == because) {
                        Some((_, _, names)) if names.contains(&name) => {}
                        Some((_, _, names)) => names.push(name),
                        None => lines.push((rule, because, vec![name])),
                    }
                }
            }
        }
        for (rule, because, names) in lines {
            let items = names.iter().map(|name| json!(name.to_string())).collect();
            let because = format!("{}: {because}", list(names.iter().map(short)));
            self.probe.learned.items(self.profile, &format!("attributes.{rule}"), items, because);
        }
        let barred = judged.iter().filter(|(_, verdict)| {
            matches!(verdict, Verdict::Rule("unsupported" | "serverOwned", _) | Verdict::Unclear(_))
        });
        self.barred = barred.map(|(part, _)| part.clone()).collect();
        if !unclear.is_empty() {
            self.tried("attributes", Outcome::Left, format!("not known: {}", unclear.join("; ")));
        }
        if !notes.is_empty() {
            self.tried("attributes", Outcome::Odd, notes.join("; "));
        }
    }

    fn normalised(&mut self, part: &Part, form: &str) {
        let because = format!("`{part}` is shown in this form");
        self.item("attributes.normalised", json!({ "path": part.to_string(), "form": form }), because);
    }

    fn judge_user_name(&mut self, created: &[(Part, Fate)]) {
        let fate = created.iter().find(|(part, _)| part.attribute.eq_ignore_ascii_case("userName"));
        match fate.map(|(_, fate)| fate) {
            Some(Fate::Formed(form)) => {
                let form = serde_json::to_value(form).unwrap_or_default();
                self.normalised(&AttrPath::attribute("userName"), form.as_str().unwrap_or_default());
            }
            Some(Fate::Other(shown)) => {
                self.tried("attributes", Outcome::Odd, format!("`userName` is shown as `{shown}`"));
            }
            _ => {}
        }
    }
}

/// A refusal says nothing of an attribute whose values the server has to know, unless it names the attribute in the
/// words in which others are refused.
fn ruled(seen: Vec<(Part, Verdict)>) -> Vec<(Part, Verdict)> {
    let nameless = |part: &Part, because: &str| {
        let name = &part.parent().attribute;
        because.contains(name.as_str()).then(|| because.replace(name.as_str(), ""))
    };
    let refused = seen.iter().filter(|(part, _)| !has_values_of_its_own(part));
    let words: Vec<String> = refused
        .filter_map(|(part, verdict)| match verdict {
            Verdict::Refused(_, because) => nameless(part, because),
            _ => None,
        })
        .collect();
    let judge = |(part, verdict): (Part, Verdict)| match verdict {
        Verdict::Refused(_, because)
            if has_values_of_its_own(&part) && nameless(&part, &because).is_none_or(|text| !words.contains(&text)) =>
        {
            let says = format!("the value that was made up for it was refused: {because}");
            (part, Verdict::Unclear(says))
        }
        Verdict::Refused(rule, because) => (part, Verdict::Rule(rule, because)),
        verdict => (part, verdict),
    };
    seen.into_iter().map(judge).collect()
}

/// Whether a part that took is in a form of the server's own, or one of many.
fn formed(part: &Part, fate: Option<&Fate>) -> Verdict {
    match fate {
        Some(Fate::Formed(form)) => {
            let form = serde_json::to_value(form).ok().and_then(|form| form.as_str().map(str::to_owned));
            form.map_or(Verdict::Good, |form| Verdict::Rule("normalised", form))
        }
        Some(Fate::Fewer) if is_value(part) => Verdict::Rule("singleValued", "of two values one is kept".to_owned()),
        _ => Verdict::Good,
    }
}

/// Which writes carried a part.
fn sent_by(created: Option<&Fate>, updated: Option<&Fate>, by: &str) -> String {
    match (created, updated) {
        (Some(_), Some(_)) => format!("POST and {by}"),
        (Some(_), None) => "POST".to_owned(),
        (None, _) => by.to_owned(),
    }
}

/// Whether servers have values of their own for it, so that one that was made up may be refused for itself.
pub(super) fn has_values_of_its_own(part: &Part) -> bool {
    part.is_core() && ["roles", "entitlements"].iter().any(|name| part.parent().attribute.eq_ignore_ascii_case(name))
}

/// Whether it is the value of an attribute of many values, which stands for the whole attribute.
fn is_value(part: &Part) -> bool {
    part.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("value")) && is_part_of_many(part)
}

fn is_part_of_many(part: &AttrPath) -> bool {
    let (extension, name) = part.top();
    let known = Schemas::core(ResourceKind::User).top_attribute(extension, name);
    part.sub.is_some() && known.is_some_and(|attribute| attribute.multi_valued)
}

/// The part without the URN of an extension.
fn short(part: &Part) -> String {
    AttrPath { schema: None, ..part.clone() }.to_string()
}
