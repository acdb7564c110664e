//! What a plan was held against in place of targets, and what time will change.

use std::fmt::Write as _;

use crate::plan::{Horizon, HorizonEvent, Plan};
use crate::render::comment::{Comment, Room};
use crate::render::plan::outlook::{OFFLINE, gone, happens, head, rest, sides};
use crate::render::view::markdown::{self, fold, key, name, split, who};

/// Former targets that are named.
const GONE: usize = 5;
/// Events that are not behind a fold.
const OPEN: usize = 12;

/// Says that no target was read, where that is so.
pub(super) fn base(page: &mut String, plan: &Plan) {
    if let Some(base) = &plan.base {
        let sides = sides(base, &key);
        let _ = writeln!(page, "**An offline diff {sides}, not a plan.** {OFFLINE}\n");
        for target in base.gone.iter().take(GONE) {
            let _ = writeln!(page, "**{}**\n", gone(&name(target)));
        }
        if let Some(more) = base.gone.len().checked_sub(GONE).filter(|more| *more > 0) {
            let _ = writeln!(page, "**{more} more are no longer targets.**\n");
        }
    }
}

/// The section of the page, and how many events were left out of it.
pub(super) fn section(horizon: &Horizon, comment: &Comment, room: &mut Room) -> (String, usize) {
    let rows = room.rows(300, &horizon.events, |event| row(event, comment));
    let left = horizon.events.len() - rows.len();
    let mut page = format!("### {}\n\n", head(horizon));
    let (open, folded) = split(&rows, OPEN);
    markdown::rows(&mut page, "", open);
    fold(&mut page, &format!("Later ({})", folded.len()), "", folded);
    if let Some(rest) = rest(horizon) {
        let _ = writeln!(page, "{rest}\n");
    }
    (page, left)
}

fn row(event: &HorizonEvent, comment: &Comment) -> String {
    let who = match (&event.name, &event.key) {
        (Some(name), Some(key)) => format!("{} ", who(name, key)),
        (None, Some(by)) => format!("{} ", key(by)),
        _ => String::new(),
    };
    let because = if event.because.is_empty() { String::new() } else { format!(" ({})", name(&event.because)) };
    let place = comment.at(event.origin.as_ref());
    format!("- {}: {who}{}{because}{place}", event.date, happens(event, &name))
}
