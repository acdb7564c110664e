//! A report as others may see it.

use super::event::{Failure, Subject};
use super::report::{CannotUndo, Place, Report, Skipped, TargetReport, WayBack};
use crate::plan::Redactor;
use crate::plan::reviewed::Held;

/// A report without what the redactor withholds. Field by field, so that a new one has to be thought of here.
pub fn veiled(report: Report, redactor: &Redactor) -> Report {
    if redactor.is_open() {
        return report;
    }
    let Report { format, targets, left, in_effect, undo } = report;
    let Held { left, in_effect } = redactor.held(Held { left, in_effect });
    let undo = undo.map(|back| way_back(back, redactor));
    Report { format, targets: targets.into_iter().map(|one| target(one, redactor)).collect(), left, in_effect, undo }
}

fn way_back(back: WayBack, redactor: &Redactor) -> WayBack {
    let WayBack { file, cannot } = back;
    let cannot = cannot.into_iter().map(|one| {
        let CannotUndo { target, subject: about, path, why } = one;
        CannotUndo { target, subject: subject(about, redactor), path, why: redactor.text(&why) }
    });
    WayBack { file, cannot: cannot.collect() }
}

fn target(report: TargetReport, redactor: &Redactor) -> TargetReport {
    let TargetReport {
        name,
        mode,
        done,
        failures,
        not_converged,
        normalised,
        unchecked,
        adopted,
        skipped,
        notices,
        accepted,
        not_run,
        stopped,
        requests,
        milliseconds,
    } = report;
    let places = |places: Vec<Place>| {
        places.into_iter().map(|one| Place { subject: subject(one.subject, redactor), ..one }).collect()
    };
    TargetReport {
        name,
        mode,
        done,
        failures: failures.into_iter().map(|one| failure(one, redactor)).collect(),
        not_converged: places(not_converged),
        normalised: places(normalised),
        unchecked: places(unchecked),
        adopted: adopted.into_iter().map(|one| subject(one, redactor)).collect(),
        skipped: skipped.into_iter().map(|one| left(one, redactor)).collect(),
        notices: notices.into_iter().map(|text| redactor.text(&text)).collect(),
        accepted,
        not_run,
        stopped: stopped.map(|why| redactor.text(&why)),
        requests,
        milliseconds,
    }
}

fn subject(subject: Subject, redactor: &Redactor) -> Subject {
    Subject { key: redactor.key(subject.resource, &subject.key), ..subject }
}

fn failure(failure: Failure, redactor: &Redactor) -> Failure {
    let Failure { subject: about, at, code, message, hint, status } = failure;
    Failure {
        subject: subject(about, redactor),
        at: at.map(|at| redactor.text(&at)),
        code,
        message: redactor.server_text(&message),
        hint: hint.map(|hint| redactor.text(&hint)),
        status,
    }
}

fn left(skipped: Skipped, redactor: &Redactor) -> Skipped {
    let Skipped { subject: about, code, because, attributes } = skipped;
    Skipped {
        subject: subject(about, redactor),
        code,
        because: redactor.text(&because),
        attributes: redactor.sides(attributes),
    }
}
