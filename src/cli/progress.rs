//! Shows work while it goes on: a line per target on a terminal, plain lines elsewhere.

use std::future::Future;
use std::io;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::context::Context;
use crate::apply::{Event, Observer, Subject};
use crate::engine::Sent;
use crate::plan::Redactor;
use crate::render::look::Look;
use crate::render::{action_word, escape::terminal};
use crate::target::{Pace, Reader, Throttle};
use crate::wording::count;

/// How often a line is drawn anew.
const TICK: Duration = Duration::from_millis(150);
/// What ends sooner shows no line at all.
const PATIENCE: Duration = Duration::from_millis(400);
/// Lengths of a bar, the first that there is room for.
const BARS: [usize; 2] = [20, 10];
/// A wait for the rate that is shorter is not worth a word.
const SHORT: Duration = Duration::from_secs(1);

/// A target's line; gone when it is dropped.
struct Line {
    bar: ProgressBar,
    begun: Instant,
    drawn: bool,
    columns: usize,
}

impl Line {
    fn new(context: &Context, target: &str) -> Self {
        let bar = ProgressBar::hidden().with_prefix(terminal(target));
        Self { bar, begun: Instant::now(), drawn: false, columns: context.err.columns.unwrap_or(80) }
    }

    /// Draws how much is done of how much.
    fn draw(&mut self, bars: &MultiProgress, (done, of): (u64, Option<u64>), words: String) {
        let passed = self.begun.elapsed();
        if passed < PATIENCE {
            return;
        }
        if !self.drawn {
            self.drawn = true;
            self.bar = bars.add(ProgressBar::new(0).with_prefix(self.bar.prefix()));
        }
        let numbers = of.map_or(0, |of| 2 * (of.to_string().len() * 4).div_ceil(3));
        let used = self.bar.prefix().width() + 1 + numbers + words.width();
        let bar = BARS.into_iter().find(|bar| used + bar + 6 <= self.columns);
        let template = match (of, bar) {
            (Some(_), Some(bar)) => format!("{{prefix}} [{{bar:{bar}}}] {{human_pos}}/{{human_len}}{{msg}}"),
            (Some(_), None) => "{prefix} {human_pos}/{human_len}{msg}".to_owned(),
            (None, _) => "{prefix}{msg}".to_owned(),
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            self.bar.set_style(style.progress_chars("=> "));
        }
        self.bar.set_length(of.unwrap_or(0));
        self.bar.set_position(done);
        // Room is left for the `^C` that a terminal writes, which would else begin a line of its own.
        let room = self.columns.saturating_sub(used - words.width() + bar.map_or(0, |bar| bar + 3) + 3);
        self.bar.set_message(cut(&words, room));
        self.bar.tick();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// As much of a text as so many columns hold.
fn cut(text: &str, columns: usize) -> String {
    let mut room = columns;
    let fits = |sign: &char| {
        let left = room.checked_sub(sign.width().unwrap_or(0));
        room = left.unwrap_or(0);
        left.is_some()
    };
    text.chars().take_while(fits).collect()
}

/// Does work, and meanwhile draws a target's line by what `look` tells.
async fn shown<T>(
    context: &Context,
    target: &str,
    work: impl Future<Output = T>,
    look: impl Fn(Duration) -> ((u64, Option<u64>), String),
) -> T {
    if !context.progress {
        return work.await;
    }
    let mut work = std::pin::pin!(work);
    let mut line = Line::new(context, target);
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = tick.tick() => {
                let (numbers, words) = look(line.begun.elapsed());
                line.draw(&context.bars, numbers, words);
            }
        }
    }
}

/// Reads a target and shows how far it is.
pub(super) async fn reading<T>(context: &Context, target: &str, reader: &Reader, work: impl Future<Output = T>) -> T {
    shown(context, target, work, |passed| {
        let pace = reader.pace();
        ((pace.received, pace.expected), read_words(&pace, passed))
    })
    .await
}

/// Applies a target and shows how far it is.
pub(super) async fn applying<T>(
    context: &Context,
    target: &str,
    reader: &Reader,
    sent: &Sent,
    work: impl Future<Output = T>,
) -> T {
    shown(context, target, work, |passed| {
        let (sent, of) = sent.get();
        ((sent, Some(of)), words(sent, Some(of), passed, &reader.pace().throttle))
    })
    .await
}

/// What stands behind the numbers of a read.
fn read_words(pace: &Pace, passed: Duration) -> String {
    if pace.received == 0 {
        let requests = count(pace.requests, "request");
        return format!(" reading, {requests}{}", throttled(&pace.throttle));
    }
    let what = if pace.expected.is_some() { " read".to_owned() } else { format!(" {} read", pace.received) };
    format!("{what}{}", words(pace.received, pace.expected, passed, &pace.throttle))
}

/// Rate, time left, and what slows it down.
fn words(done: u64, of: Option<u64>, passed: Duration, throttle: &Throttle) -> String {
    #[expect(clippy::cast_precision_loss, reason = "for a look")]
    let rate = done as f64 / passed.as_secs_f64().max(0.001);
    let mut words = String::new();
    if done > 0 && rate >= 0.05 {
        words = if rate < 10.0 { format!(", {rate:.1}/s") } else { format!(", {rate:.0}/s") };
        if let Some(left) = of.and_then(|of| of.checked_sub(done)).filter(|left| *left > 0) {
            #[expect(clippy::cast_precision_loss, reason = "for a look")]
            let seconds = left as f64 / rate;
            words = format!("{words}, {} left", time(Duration::from_secs_f64(seconds)));
        }
    }
    words + &throttled(throttle)
}

/// What slows a target down: "; slowed to 2 in flight: 429, retry in 12 s".
fn throttled(throttle: &Throttle) -> String {
    let allowed = throttle.allowed;
    match (throttle.status, throttle.pause) {
        (Some(status), Some(pause)) => {
            format!("; slowed to {allowed} in flight: {status}, retry in {}", time(pause))
        }
        (Some(status), None) => format!("; slowed to {allowed} in flight: {status}"),
        (None, Some(pause)) => format!("; waits {}", time(pause)),
        (None, None) => match throttle.held.filter(|held| *held >= SHORT) {
            Some(held) => format!("; waits {} for the target's rate limit", time(held)),
            None => String::new(),
        },
    }
}

/// A length of time as `12 s`, `3 min 20 s` or `1 h 5 min`; never 0.
fn time(length: Duration) -> String {
    let seconds = length.as_secs() + u64::from(length.subsec_millis() > 0);
    match seconds {
        0..=90 => format!("{} s", seconds.max(1)),
        91..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Watches the apply of one target.
pub(super) struct Watch {
    target: String,
    bars: MultiProgress,
    look: Look,
    manner: Manner,
    redactor: Redactor,
}

/// How what happens is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// By a line that moves, and failures above it.
    Line,
    /// By a plain line for each change.
    Plain,
    /// Failures alone.
    Quiet,
    /// In the log.
    Log,
}

impl Watch {
    pub(super) fn new(context: &Context, redactor: &Redactor, target: &str) -> Self {
        let manner = match context {
            context if context.json_log => Manner::Log,
            context if context.quiet => Manner::Quiet,
            context if context.progress => Manner::Line,
            _ => Manner::Plain,
        };
        let (bars, look) = (context.bars.clone(), context.look_of_messages());
        Self { target: terminal(target), bars, look, manner, redactor: redactor.clone() }
    }

    fn what(&self, subject: &Subject) -> String {
        let key = self.redactor.key(subject.resource, &subject.key);
        format!("{} {} {}", action_word(subject.action), subject.resource, terminal(&key))
    }

    fn tell(&self, text: &str) {
        let text = self.look.prose(text, 2);
        self.bars.suspend(|| {
            use io::Write as _;
            let _ = io::stderr().lock().write_all(text.as_bytes());
        });
    }

    fn progress(&self, text: &str) {
        match self.manner {
            Manner::Plain => self.tell(&format!("{}: {text}", self.target)),
            Manner::Log => tracing::info!(target_name = self.target, "{text}"),
            Manner::Line | Manner::Quiet => {}
        }
    }

    fn failure(&self, text: &str) {
        if self.manner == Manner::Log {
            tracing::warn!(target_name = self.target, "{text}");
        } else {
            self.tell(&format!("{}: {text}", self.target));
        }
    }
}

impl Observer for Watch {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started { steps, .. } => {
                if *steps > 0 {
                    self.progress(&format!("{} to send", count(*steps, "request")));
                }
            }
            Event::StepFailed { failure, .. } | Event::MemberFailed(failure) => {
                let what = self.what(&failure.subject);
                let message = self.redactor.server_text(&failure.message);
                self.failure(&format!("failed to {what}: {}", terminal(&message)));
            }
            Event::ChangeDone { subject } => self.progress(&format!("{}: done", self.what(subject))),
            Event::StepStarted(_)
            | Event::StepDone { .. }
            | Event::Finished { .. }
            | Event::Creating { .. }
            | Event::Adopted { .. }
            | Event::Normalised { .. }
            | Event::NotConverged { .. }
            | Event::Noticed(_)
            | Event::Unchecked { .. }
            | Event::Skipped { .. } => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Throttle = Throttle { in_flight: 4, allowed: 8, most: 8, status: None, pause: None, held: None };

    #[test]
    fn rate_and_time_left_are_told() {
        assert_eq!(words(1200, Some(5000), Duration::from_secs(6), &FAST), ", 200/s, 19 s left");
        assert_eq!(words(3, Some(3), Duration::from_secs(6), &FAST), ", 0.5/s");
        assert_eq!(words(0, Some(10), Duration::from_secs(6), &FAST), "");
        assert_eq!(words(1, Some(1001), Duration::from_secs(4), &FAST), ", 0.2/s, 1 h 6 min left");
    }

    #[test]
    fn what_slows_it_down_is_told() {
        let slow = Throttle { allowed: 2, status: Some(429), pause: Some(Duration::from_millis(11_300)), ..FAST };
        assert_eq!(throttled(&slow), "; slowed to 2 in flight: 429, retry in 12 s");
        assert_eq!(throttled(&Throttle { pause: None, ..slow }), "; slowed to 2 in flight: 429");
        let held = Throttle { held: Some(Duration::from_secs(150)), ..FAST };
        assert_eq!(throttled(&held), "; waits 2 min 30 s for the target's rate limit");
        assert_eq!(throttled(&FAST), "");
    }
}
