//! What a plan was held against in place of targets, and what time will change.

use std::fmt::Write as _;

use super::people::NAME;
use crate::plan::{Horizon, HorizonEvent, Plan};
use crate::render::comment::{Comment, Room, clip};
use crate::render::escape::{code, markdown as text};
use crate::render::plan::outlook::{OFFLINE, gone, happens, head, rest, sides};

/// Former targets that are named.
const GONE: usize = 5;
/// Events that are not behind a fold.
const OPEN: usize = 12;

/// Says that no target was read, where that is so.
pub(super) fn base(page: &mut String, plan: &Plan) {
    if let Some(base) = &plan.base {
        let sides = sides(base, &|name| code(&clip(name, NAME)));
        let _ = writeln!(page, "**An offline diff {sides}, not a plan.** {OFFLINE}\n");
        for target in base.gone.iter().take(GONE) {
            let _ = writeln!(page, "**{}**\n", gone(&text(&clip(target, NAME))));
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
    let shown = if rows.len() <= OPEN + 2 { rows.len() } else { OPEN };
    let (open, folded) = rows.split_at(shown.min(rows.len()));
    super::list(&mut page, open);
    super::fold(&mut page, "Later", folded);
    if let Some(rest) = rest(horizon) {
        let _ = writeln!(page, "{rest}\n");
    }
    (page, left)
}

fn row(event: &HorizonEvent, comment: &Comment) -> String {
    let named = |name: &str| text(&clip(name, NAME));
    let who = match (&event.name, &event.key) {
        (Some(name), Some(key)) => format!("<b>{}</b> ({}) ", named(name), code(&clip(key, NAME))),
        (None, Some(key)) => format!("{} ", code(&clip(key, NAME))),
        _ => String::new(),
    };
    let because = if event.because.is_empty() { String::new() } else { format!(" ({})", named(&event.because)) };
    let place = event.origin.as_ref().map(|origin| format!(" {}", comment.line(origin))).unwrap_or_default();
    format!("- {}: {who}{}{because}{place}", event.date, happens(event, &named))
}
