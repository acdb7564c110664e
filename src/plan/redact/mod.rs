//! What is withheld from a plan that others may read. Digests stay as they are, so that what was printed can be held
//! against what is applied.
//!
//! Everything is taken apart field by field: a new field has to be thought of here before it is shown.

mod drift;

use super::is_value;
use super::reviewed::{Held, InEffect, Left, MemberSides, Sides};
use super::undo::UndoOf;
use super::{
    Adoption, Altered, AttributeChange, Change, Horizon, LeftChange, LimitUse, MemberChange, MemberRef, Origin, Person,
    PersonAtTarget, Plan, PlanNotice, PlanProblem, Precondition, ReadSummary, Reason, Redaction, Rehearsal,
    RehearsalFailure, TargetPlan, Violation,
};
use crate::diag::NoticeCode;
use crate::ledger::Hasher;
use crate::scim::{ResourceKind, Value};

/// Stands for what is withheld.
pub const WITHHELD: &str = "(withheld)";

/// Withholds as much as was asked. Names of people become pseudonyms, the same for the same person as long as the ledger
/// is the same; without its salt none can be guessed.
#[derive(Clone, Debug)]
pub struct Redactor {
    level: Redaction,
    hasher: Hasher,
}

impl Redactor {
    /// A redactor whose pseudonyms hang on a ledger's salt.
    pub fn new(level: Redaction, hasher: &Hasher) -> Self {
        Self { level, hasher: hasher.clone() }
    }

    /// Whether nothing is withheld.
    pub fn is_open(&self) -> bool {
        self.level == Redaction::None
    }

    fn names(&self) -> bool {
        self.level == Redaction::Names
    }

    /// A key; of a person a pseudonym where names are withheld. Groups keep theirs.
    pub fn key(&self, kind: ResourceKind, key: &str) -> String {
        if self.names() && kind == ResourceKind::User { self.pseudonym("user", key) } else { key.to_owned() }
    }

    /// Words of ours that may name people.
    pub fn text(&self, text: &str) -> String {
        if self.names() && !text.is_empty() { WITHHELD.to_owned() } else { text.to_owned() }
    }

    /// Words of a server, which may repeat anything that was sent to it.
    pub fn server_text(&self, text: &str) -> String {
        if self.is_open() || text.is_empty() { text.to_owned() } else { WITHHELD.to_owned() }
    }

    /// Words of ours under a code that says what they may hold.
    fn said(&self, code: NoticeCode, text: &str) -> String {
        let withheld = if self.names() { code.names_people() } else { code.holds_values() };
        if withheld && !text.is_empty() { WITHHELD.to_owned() } else { text.to_owned() }
    }

    fn pseudonym(&self, word: &str, text: &str) -> String {
        let hash = self.hasher.hash(word, &Value::from(text)).to_string();
        format!("{word}-{}", hash.get(..8).unwrap_or_default())
    }

    fn id(&self, kind: ResourceKind, id: &str) -> String {
        if self.names() && kind == ResourceKind::User { self.pseudonym("id", id) } else { id.to_owned() }
    }

    fn name(&self, kind: ResourceKind, name: &str) -> String {
        if self.names() && kind == ResourceKind::User { WITHHELD.to_owned() } else { name.to_owned() }
    }

    fn value(&self, value: &Value) -> Value {
        if self.is_open() || value.is_unassigned() { value.clone() } else { Value::from(WITHHELD) }
    }

    /// Files are named after people.
    fn origin(&self, origin: Option<&Origin>) -> Option<Origin> {
        origin.filter(|_| !self.names()).cloned()
    }

    /// A plan as others may see it. It can't be applied.
    pub fn plan(&self, plan: &Plan) -> Plan {
        if self.is_open() {
            return plan.clone();
        }
        let Plan {
            format,
            tool,
            created_at,
            as_of,
            revision,
            configuration,
            sandbox,
            only,
            undo,
            base,
            horizon,
            redacted: _,
            digest,
            targets,
            people,
        } = plan;
        Plan {
            format: format.clone(),
            tool: tool.clone(),
            created_at: created_at.clone(),
            as_of: *as_of,
            revision: revision.clone(),
            // A hash of all that is declared; no secret, and of no use to who may not see it.
            configuration: configuration.clone(),
            sandbox: *sandbox,
            only: only.iter().map(|key| self.key(ResourceKind::User, key)).collect(),
            undo: undo.as_ref().map(|undo| UndoOf { file: self.text(&undo.file), ..undo.clone() }),
            // Names of branches and commits.
            base: base.clone(),
            horizon: horizon.as_ref().map(Self::horizon),
            redacted: self.level,
            digest: digest.clone(),
            targets: targets.iter().map(|target| self.target(target)).collect(),
            people: people.iter().map(|person| self.person(person)).collect(),
        }
    }

    fn target(&self, target: &TargetPlan) -> TargetPlan {
        let TargetPlan {
            name,
            profile,
            mode,
            read,
            summary,
            cost,
            changes,
            suppressed,
            adoptions,
            errors,
            violations,
            limits,
            heads,
            people,
            notices,
            rehearsal,
            failed,
        } = target;
        TargetPlan {
            name: name.clone(),
            profile: profile.clone(),
            mode: *mode,
            read: ReadSummary {
                incomplete_because: read.incomplete_because.as_ref().map(|why| self.text(why)),
                ..read.clone()
            },
            summary: summary.clone(),
            cost: cost.clone(),
            changes: changes.iter().map(|change| self.change(change)).collect(),
            suppressed: suppressed.iter().map(|change| self.change(change)).collect(),
            adoptions: adoptions.iter().map(|adoption| self.adoption(adoption)).collect(),
            errors: errors.iter().map(|problem| self.problem(problem)).collect(),
            violations: violations.iter().map(|violation| self.violation(violation)).collect(),
            // Numbers, and the key of a group.
            limits: limits.iter().map(LimitUse::clone).collect(),
            heads: *heads,
            people: people.iter().map(|person| self.person(person)).collect(),
            notices: notices.iter().map(|notice| self.notice(notice)).collect(),
            rehearsal: rehearsal.as_ref().map(|rehearsal| self.rehearsal(rehearsal)),
            failed: failed.as_ref().map(|why| self.text(why)),
        }
    }

    fn change(&self, change: &Change) -> Change {
        let Change {
            action,
            digest,
            resource,
            key,
            id,
            name,
            attributes,
            members,
            adopted,
            privileged,
            reason,
            because,
            origin,
            precondition: _,
        } = change;
        // The reason alone is said where the words tell dates of people.
        let is_telling = self.names() || *reason == Reason::OutsideDates;
        Change {
            action: *action,
            digest: digest.clone(),
            resource: *resource,
            key: self.key(*resource, key),
            id: id.as_ref().map(|id| self.id(*resource, id)),
            name: self.name(*resource, name),
            attributes: attributes.iter().map(|attribute| self.attribute(attribute)).collect(),
            members: self.members(members),
            adopted: *adopted,
            privileged: *privileged,
            reason: *reason,
            because: if is_telling { String::new() } else { because.clone() },
            origin: self.origin(origin.as_ref()),
            // A fingerprint is an unkeyed hash of values.
            precondition: Precondition::default(),
        }
    }

    fn attribute(&self, attribute: &AttributeChange) -> AttributeChange {
        let AttributeChange { path, before, after, reference: _, sensitive, reason, origin } = attribute;
        AttributeChange {
            path: path.clone(),
            before: self.value(before),
            after: self.value(after),
            // Whose manager someone is, is a value.
            reference: None,
            sensitive: *sensitive,
            reason: *reason,
            origin: self.origin(origin.as_ref()),
        }
    }

    fn members(&self, members: &MemberChange) -> MemberChange {
        let of = |members: &[MemberRef]| members.iter().map(|member| self.member(member)).collect();
        MemberChange { add: of(&members.add), remove: of(&members.remove) }
    }

    fn member(&self, member: &MemberRef) -> MemberRef {
        let MemberRef { resource, key, id, name, reason, origin } = member;
        let named = key.as_ref().or(id.as_ref()).map_or_else(|| WITHHELD.to_owned(), |key| self.key(*resource, key));
        let withheld = self.names() && *resource == ResourceKind::User;
        MemberRef {
            resource: *resource,
            key: key.as_ref().map(|key| self.key(*resource, key)),
            id: id.as_ref().map(|id| self.id(*resource, id)),
            name: if withheld { named } else { name.clone() },
            reason: *reason,
            origin: self.origin(origin.as_ref()),
        }
    }

    fn rehearsal(&self, rehearsal: &Rehearsal) -> Rehearsal {
        let Rehearsal { converges, requests, reads, failures, altered, left, unknown } = rehearsal;
        let key = |kind: Option<ResourceKind>, key: &str| self.key(kind.unwrap_or(ResourceKind::User), key);
        let failure = |one: &RehearsalFailure| RehearsalFailure {
            resource: one.resource,
            key: one.key.as_ref().map(|name| key(one.resource, name)),
            at: one.at.as_ref().map(|at| self.text(at)),
            message: self.server_text(&one.message),
        };
        let value = |one: &Altered| Altered {
            resource: one.resource,
            key: self.key(one.resource, &one.key),
            path: one.path.clone(),
            sent: self.value(&one.sent),
            kept: self.value(&one.kept),
            sensitive: one.sensitive,
        };
        let rest = |one: &LeftChange| LeftChange { key: self.key(one.resource, &one.key), ..one.clone() };
        Rehearsal {
            converges: *converges,
            requests: *requests,
            reads: *reads,
            failures: failures.iter().map(failure).collect(),
            altered: altered.iter().map(value).collect(),
            left: left.iter().map(rest).collect(),
            unknown: unknown.iter().map(|text| self.text(text)).collect(),
        }
    }

    fn horizon(horizon: &Horizon) -> Horizon {
        let Horizon { until, events, withheld } = horizon;
        // When someone comes or goes is a value of theirs. What is about a target alone may be seen.
        let shown: Vec<_> = events.iter().filter(|event| event.key.is_none()).cloned().collect();
        let withheld = withheld + (events.len() - shown.len()) as u64;
        Horizon { until: *until, events: shown, withheld }
    }

    fn adoption(&self, adoption: &Adoption) -> Adoption {
        let Adoption { resource, key, id, name, by, digest } = adoption;
        Adoption {
            resource: *resource,
            key: self.key(*resource, key),
            id: self.id(*resource, id),
            name: self.name(*resource, name),
            by: by.clone(),
            digest: digest.clone(),
        }
    }

    fn problem(&self, problem: &PlanProblem) -> PlanProblem {
        let PlanProblem { resource, key, code, message, origin } = problem;
        PlanProblem {
            resource: *resource,
            key: self.key(*resource, key),
            code: *code,
            message: self.said(*code, message),
            origin: self.origin(origin.as_ref()),
        }
    }

    fn violation(&self, violation: &Violation) -> Violation {
        let Violation { code, message, allow, warn, origin } = violation;
        Violation {
            code: *code,
            message: self.said(*code, message),
            allow: self.said(*code, allow),
            warn: *warn,
            origin: self.origin(origin.as_ref()),
        }
    }

    pub(super) fn notice(&self, notice: &PlanNotice) -> PlanNotice {
        let PlanNotice { code, message, origin } = notice;
        PlanNotice { code: *code, message: self.said(*code, message), origin: self.origin(origin.as_ref()) }
    }

    fn person(&self, person: &Person) -> Person {
        let Person { key, name, stranger, targets } = person;
        Person {
            key: self.key(ResourceKind::User, key),
            name: self.name(ResourceKind::User, name),
            stranger: *stranger,
            targets: targets.iter().map(at_target).collect(),
        }
    }

    /// What is left of a reviewed plan, as others may see it.
    pub fn held(&self, held: Held) -> Held {
        if self.is_open() {
            return held;
        }
        Held {
            left: held.left.into_iter().map(|one| self.left(one)).collect(),
            in_effect: held
                .in_effect
                .into_iter()
                .map(|one| InEffect { key: self.key(one.resource, &one.key), ..one })
                .collect(),
        }
    }

    fn left(&self, left: Left) -> Left {
        let Left { target, code, resource, key, name, action, because, attributes, members } = left;
        let member = |one: MemberSides| {
            let key = one.key.as_ref().map(|key| self.key(one.resource, key));
            let withheld = self.names() && one.resource == ResourceKind::User;
            let name = if withheld { key.clone().unwrap_or_else(|| WITHHELD.to_owned()) } else { one.name.clone() };
            MemberSides { key, name, ..one }
        };
        Left {
            target,
            code,
            resource,
            key: self.key(resource, &key),
            name: self.name(resource, &name),
            action,
            because: self.server_text(&because),
            attributes: self.sides(attributes),
            members: members.into_iter().map(member).collect(),
        }
    }

    /// The three sides of attributes, as others may see them.
    pub fn sides(&self, sides: Vec<Sides>) -> Vec<Sides> {
        let veiled = |one: Sides| Sides {
            reviewed_before: one.reviewed_before.as_ref().map(|value| self.value(value)),
            reviewed_after: one.reviewed_after.as_ref().map(|value| self.value(value)),
            live: self.value(&one.live),
            wanted: one.wanted.as_ref().map(|value| self.value(value)),
            path: one.path,
            sensitive: one.sensitive,
        };
        sides.into_iter().map(veiled).collect()
    }
}

/// Groups and paths of attributes: neither a value nor the name of a person.
fn at_target(at: &PersonAtTarget) -> PersonAtTarget {
    let PersonAtTarget { target, action, adopted, account, gains, loses, privileged, changes, inactive } = at;
    // A role is a value of the person, a group's name is not.
    let names = |names: &[String]| -> Vec<String> {
        let withheld = |name: &String| match name.split_once(' ') {
            Some((kind, _)) if is_value(name) => format!("{kind} {WITHHELD}"),
            _ => name.clone(),
        };
        names.iter().map(withheld).collect()
    };
    PersonAtTarget {
        target: target.clone(),
        action: *action,
        adopted: *adopted,
        account: *account,
        gains: names(gains),
        loses: names(loses),
        privileged: privileged.clone(),
        changes: changes.clone(),
        inactive: *inactive,
    }
}
