//! Plans of any size with any names.

use std::sync::Arc;

use scimform::diag::NoticeCode;
use scimform::plan::{
    AccountChange, Action, Adoption, AttributeChange, Change, Cost, Heading, MemberChange, MemberRef, Mode, Origin,
    Person, PersonAtTarget, Plan, PlanNotice, PlanProblem, Precondition, ReadSummary, Reason, Summary, TargetPlan,
    Violation, assemble,
};
use scimform::scim::path::AttrPath;
use scimform::scim::{ResourceKind, Value};

/// What a plan is made of.
pub struct Parts<'n> {
    pub names: &'n [String],
    pub targets: usize,
    pub people: usize,
    pub changes: usize,
    pub problems: usize,
    /// Turns the order of everything round.
    pub reversed: bool,
}

impl Parts<'_> {
    fn name(&self, number: usize) -> String {
        self.names[number % self.names.len()].clone()
    }

    pub fn plan(&self) -> Plan {
        let mut targets: Vec<TargetPlan> = (0..self.targets).map(|number| self.target(number)).collect();
        if self.reversed {
            targets.reverse();
        }
        assemble(targets, Heading { tool: "scimform 0".into(), ..Heading::default() })
    }

    fn target(&self, number: usize) -> TargetPlan {
        let name = format!("t{number:04}{}", self.name(number));
        let mut people: Vec<Person> = (0..self.people).map(|person| self.person(&name, person)).collect();
        let changes: Vec<Change> = (0..self.changes).map(|change| self.change(change)).collect();
        let problem = |place: usize| PlanProblem {
            resource: ResourceKind::User,
            key: self.name(place),
            code: NoticeCode::Ambiguous,
            message: format!("`{}` can't be told apart", self.name(place + 1)),
            origin: Some(origin(&self.name(place))),
        };
        if self.reversed {
            people.reverse();
        }
        let mut actions = std::collections::BTreeMap::new();
        for change in &changes {
            *actions.entry(change.action).or_default() += 1;
        }
        TargetPlan {
            profile: "generic".into(),
            mode: Mode::Sync,
            read: ReadSummary { users: 1, groups: 1, complete: true, ..ReadSummary::default() },
            summary: Summary { actions, ..Summary::default() },
            cost: Cost::default(),
            suppressed: changes.iter().take(self.changes / 10).cloned().collect(),
            adoptions: (0..self.changes / 10).map(|place| self.adoption(place)).collect(),
            changes,
            errors: (0..self.problems).map(problem).collect(),
            violations: (0..self.problems.min(9)).map(|place| violation(&self.name(place))).collect(),
            limits: vec![],
            heads: None,
            people,
            notices: (0..self.problems).map(|place| notice(&self.name(place))).collect(),
            rehearsal: None,
            failed: None,
            name,
        }
    }

    fn adoption(&self, place: usize) -> Adoption {
        let name = self.name(place);
        let kind = ResourceKind::User;
        Adoption {
            resource: kind,
            key: name.clone(),
            id: "1".into(),
            name,
            by: Some("userName".into()),
            digest: String::new(),
        }
    }

    fn person(&self, target: &str, number: usize) -> Person {
        let group = |place: usize| vec![self.name(place)];
        let (gains, loses, account) = match number % 5 {
            0 => (vec![], group(number + 1), None),
            1 => (group(number + 2), vec![], Some(AccountChange::Gained)),
            2 => (group(number), group(number + 3), None),
            3 => (vec![], vec![], Some(AccountChange::Lost)),
            _ => (vec![], vec![], None),
        };
        let action = (account == Some(AccountChange::Lost)).then_some(Action::Deactivate);
        let privileged = if number.is_multiple_of(7) { gains.iter().chain(&loses).cloned().collect() } else { vec![] };
        let changes = vec![self.name(number + 4)];
        let target = target.to_owned();
        let at =
            PersonAtTarget { target, action, account, gains, loses, privileged, changes, ..PersonAtTarget::default() };
        Person {
            key: format!("{number:06}{}", self.name(number)),
            name: self.name(number),
            stranger: false,
            targets: vec![at],
        }
    }

    fn change(&self, number: usize) -> Change {
        let action =
            [Action::Create, Action::Update, Action::Deactivate, Action::Delete, Action::Reactivate][number % 5];
        let resource = if number.is_multiple_of(3) { ResourceKind::Group } else { ResourceKind::User };
        let member = |place: usize| MemberRef {
            resource: ResourceKind::User,
            key: Some(self.name(place)),
            id: None,
            name: self.name(place),
            reason: Some(Reason::Differs),
            origin: Some(origin(&self.name(place))),
        };
        let members = match resource {
            ResourceKind::Group => MemberChange { add: (0..40).map(member).collect(), remove: vec![member(number)] },
            ResourceKind::User => MemberChange::default(),
        };
        let attribute = AttributeChange {
            path: Arc::new(AttrPath::attribute(&self.name(number))),
            before: Value::from(self.name(number + 1)),
            after: Value::from(self.name(number + 2)),
            reference: None,
            sensitive: false,
            reason: Reason::Differs,
            origin: None,
        };
        Change {
            action,
            digest: String::new(),
            resource,
            key: format!("{number:06}{}", self.name(number)),
            id: None,
            name: self.name(number),
            attributes: vec![attribute],
            members,
            adopted: false,
            privileged: number.is_multiple_of(11),
            reason: Reason::ChangedInRepository,
            because: self.name(number),
            origin: Some(origin(&self.name(number))),
            precondition: Precondition::default(),
        }
    }
}

fn origin(name: &str) -> Origin {
    Origin { file: format!("people/{name}.yaml"), line: 7 }
}

fn violation(name: &str) -> Violation {
    let text = format!("policy `{name}` is broken");
    Violation { code: NoticeCode::Policy, message: text.clone(), allow: text, warn: false, origin: None }
}

fn notice(name: &str) -> PlanNotice {
    PlanNotice { code: NoticeCode::Discovery, message: format!("odd: {name}"), origin: None }
}
