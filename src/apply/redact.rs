//! A report as others may see it.

use super::event::{Failure, Subject};
use super::report::{CannotUndo, Place, Report, Skipped, TargetReport, WayBack};
use crate::plan::Veil;
use crate::plan::reviewed::Held;

/// A report without what the veil withholds. Field by field, so that a new one has to be thought of here.
pub fn veiled(report: Report, veil: &Veil) -> Report {
    if veil.is_open() {
        return report;
    }
    let Report { format, targets, left, in_effect, undo } = report;
    let Held { left, in_effect } = veil.held(Held { left, in_effect });
    let undo = undo.map(|back| way_back(back, veil));
    Report { format, targets: targets.into_iter().map(|one| target(one, veil)).collect(), left, in_effect, undo }
}

fn way_back(back: WayBack, veil: &Veil) -> WayBack {
    let WayBack { file, cannot } = back;
    let cannot = cannot.into_iter().map(|one| {
        let CannotUndo { target, subject: about, path, why } = one;
        CannotUndo { target, subject: subject(about, veil), path, why: veil.text(&why) }
    });
    WayBack { file, cannot: cannot.collect() }
}

fn target(report: TargetReport, veil: &Veil) -> TargetReport {
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
        places.into_iter().map(|one| Place { subject: subject(one.subject, veil), ..one }).collect()
    };
    TargetReport {
        name,
        mode,
        done,
        failures: failures.into_iter().map(|one| failure(one, veil)).collect(),
        not_converged: places(not_converged),
        normalised: places(normalised),
        unchecked: places(unchecked),
        adopted: adopted.into_iter().map(|one| subject(one, veil)).collect(),
        skipped: skipped.into_iter().map(|one| left(one, veil)).collect(),
        notices: notices.into_iter().map(|text| veil.text(&text)).collect(),
        accepted,
        not_run,
        stopped: stopped.map(|why| veil.text(&why)),
        requests,
        milliseconds,
    }
}

fn subject(subject: Subject, veil: &Veil) -> Subject {
    Subject { key: veil.key(subject.resource, &subject.key), ..subject }
}

fn failure(failure: Failure, veil: &Veil) -> Failure {
    let Failure { subject: about, at, code, message, hint, status } = failure;
    Failure {
        subject: subject(about, veil),
        at: at.map(|at| veil.text(&at)),
        code,
        message: veil.server_text(&message),
        hint: hint.map(|hint| veil.text(&hint)),
        status,
    }
}

fn left(skipped: Skipped, veil: &Veil) -> Skipped {
    let Skipped { subject: about, code, because, attributes } = skipped;
    Skipped { subject: subject(about, veil), code, because: veil.text(&because), attributes: veil.sides(attributes) }
}
