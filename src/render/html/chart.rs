//! Bars that say at a glance what the words beside them say in full. They are hidden from readers of the screen, which
//! have the words; each class has a pattern of its own, so that colour is not needed to tell them apart.

use maud::{Markup, html};

/// A part of a bar.
pub(super) struct Segment {
    /// The class of the style, which is also the pattern: `create`, `deactivate`.
    pub(super) class: &'static str,
    pub(super) number: u64,
}

/// The patterns that bars are filled with, once a page.
pub(super) fn patterns() -> Markup {
    html! {
        svg.defs width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                pattern id="p-out" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect.ground.out width="6" height="6" {}
                    rect.line width="2" height="6" {}
                }
                pattern id="p-in" width="6" height="6" patternUnits="userSpaceOnUse" {
                    rect.ground.in width="6" height="6" {}
                    circle.line cx="3" cy="3" r="1.2" {}
                }
                pattern id="p-keep" width="5" height="5" patternUnits="userSpaceOnUse" {
                    rect.ground.keep width="5" height="5" {}
                    rect.line width="5" height="1.2" {}
                }
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a bar is a few hundred pixels wide")]
fn share(number: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { (number as f64 * 100.0 / of as f64).min(100.0) }
}

fn percent(share: f64) -> String {
    format!("{share:.2}%")
}

/// A bar of parts side by side; `of` is what the whole width stands for. No part is too thin to be seen.
pub(super) fn stacked(segments: &[Segment], of: u64) -> Markup {
    let mut start = 0.0;
    let placed: Vec<(&'static str, f64, f64)> = segments
        .iter()
        .filter(|segment| segment.number > 0)
        .map(|segment| {
            let width = share(segment.number, of).max(0.8);
            let placed = (segment.class, start, width);
            start += width;
            placed
        })
        .collect();
    html! {
        svg.chart aria-hidden="true" focusable="false" width="100%" height="16" {
            @for (class, x, width) in placed {
                rect.(class) x=(percent(x)) width=(percent(width)) height="16" {}
            }
        }
    }
}

/// Two bars, one under the other: what is before, what is after.
pub(super) fn before_after(before: u64, after: u64, of: u64) -> Markup {
    html! {
        svg.chart aria-hidden="true" focusable="false" width="100%" height="18" {
            rect.before width=(percent(share(before, of))) height="7" {}
            rect.after y="9" width=(percent(share(after, of))) height="9" {}
        }
    }
}

/// How much of what is allowed is used.
pub(super) fn meter(used: u64, allowed: u64, over: bool) -> Markup {
    let width = if over { 100.0 } else { share(used, allowed) };
    html! {
        svg.chart.meter aria-hidden="true" focusable="false" width="100%" height="10" {
            rect.track width="100%" height="10" {}
            rect.(if over { "over" } else { "used" }) width=(percent(width)) height="10" {}
        }
    }
}

/// A row of a chart: whose bar it is, the bar, and the same in words.
pub(super) struct Bar {
    pub(super) name: Markup,
    pub(super) chart: Markup,
    pub(super) words: Markup,
}

/// The rows of a chart; `heading` is the id of its heading.
pub(super) fn bars(heading: &str, bars: impl Iterator<Item = Bar>) -> Markup {
    html! {
        ul.bars aria-labelledby=(heading) {
            @for bar in bars { li { span.name { (bar.name) } (bar.chart) span.words { (bar.words) } } }
        }
    }
}

/// What the classes of bars mean.
pub(super) fn legend(classes: &[(&'static str, &'static str)]) -> Markup {
    html! {
        ul.legend {
            @for (class, word) in classes {
                li {
                    svg.chart aria-hidden="true" focusable="false" width="16" height="12" {
                        rect.(class) width="16" height="12" {}
                    }
                    " " (word)
                }
            }
        }
    }
}
