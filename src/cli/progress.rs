//! Shows an apply while it runs: a bar on a terminal, plain lines elsewhere.

use std::io;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::context::Context;
use crate::apply::{Event, Observer, Subject};
use crate::plan::Veil;
use crate::render::{action_word, count, escape::terminal};

/// All bars of a run.
pub(super) struct Screen {
    bars: Option<MultiProgress>,
    veil: Veil,
}

impl Screen {
    pub(super) fn new(context: &Context, veil: &Veil) -> Self {
        Self { bars: context.terminal.then(MultiProgress::new), veil: veil.clone() }
    }

    /// What watches one target.
    pub(super) fn watch(&self, target: &str) -> Watch {
        let bar = self.bars.as_ref().map(|bars| {
            let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len}  {eta} left  {wide_msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
            bars.add(ProgressBar::new(0).with_style(style).with_prefix(terminal(target)))
        });
        Watch { target: target.to_owned(), bar, veil: self.veil.clone() }
    }
}

/// Watches one target.
pub(super) struct Watch {
    target: String,
    bar: Option<ProgressBar>,
    veil: Veil,
}

impl Watch {
    fn what(&self, subject: &Subject) -> String {
        let key = self.veil.key(subject.resource, &subject.key);
        format!("{} {} {}", action_word(subject.action), subject.resource, terminal(&key))
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| write_line(text)),
            None => write_line(text),
        }
    }
}

fn write_line(text: &str) {
    use io::Write as _;
    let _ = writeln!(io::stderr().lock(), "{text}");
}

impl Observer for Watch {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started { steps, .. } => match &self.bar {
                Some(bar) => bar.set_length(*steps),
                None if *steps > 0 => {
                    self.line(&format!("{}: {} to send", terminal(&self.target), count(*steps, "request")));
                }
                None => {}
            },
            Event::StepStarted(sending) => {
                if let Some(bar) = &self.bar {
                    bar.set_message(format!(
                        "{} {}",
                        action_word(sending.subject.action),
                        terminal(&self.veil.key(sending.subject.resource, &sending.subject.key))
                    ));
                }
            }
            Event::StepDone { .. } => {
                if let Some(bar) = &self.bar {
                    bar.inc(1);
                }
            }
            Event::StepFailed { failure, .. } | Event::MemberFailed(failure) => {
                if let Some(bar) = &self.bar {
                    bar.inc(1);
                }
                let what = self.what(&failure.subject);
                let message = self.veil.server_text(&failure.message);
                self.line(&format!("{}: failed to {what}: {}", terminal(&self.target), terminal(&message)));
            }
            Event::ChangeDone { subject } => {
                if self.bar.is_none() {
                    self.line(&format!("{}: {}: done", terminal(&self.target), self.what(subject)));
                }
            }
            Event::Finished { .. } => {
                if let Some(bar) = &self.bar {
                    bar.finish_and_clear();
                }
            }
            Event::Creating { .. }
            | Event::Adopted { .. }
            | Event::Normalised { .. }
            | Event::NotConverged { .. }
            | Event::Unchecked { .. }
            | Event::Skipped { .. } => {}
        }
        Ok(())
    }
}

/// A line between bars.
pub(super) fn note(text: &str) {
    write_line(text);
}

/// Shows on a terminal that a target is being read, with the requests sent so far, until the work is done.
pub(super) async fn reading<T>(
    context: &Context,
    target: &str,
    requests: &dyn Fn() -> u64,
    work: impl Future<Output = T>,
) -> T {
    if !context.terminal {
        return work.await;
    }
    let bar = ProgressBar::new_spinner().with_prefix(terminal(target));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: reading, {msg}, {elapsed}") {
        bar.set_style(style);
    }
    let mut work = std::pin::pin!(work);
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(120));
    loop {
        tokio::select! {
            done = &mut work => {
                bar.finish_and_clear();
                return done;
            }
            _ = ticks.tick() => {
                bar.set_message(count(requests(), "request"));
                bar.tick();
            }
        }
    }
}
