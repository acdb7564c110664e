//! Faults as people write them: `EFFECT[=VALUE][,on=METHOD+…][,at=PLACE+…][,nth=N][,every=N][,count=N][,chance=P]`.

use std::str::FromStr;
use std::time::Duration;

use super::{Effect, Fault, Place, RetryAfter};
use crate::wording::list;

/// Why a text is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultSyntax(String);

const EFFECTS: &str = "latency=TIME, 429[=SECONDS|=date:SECONDS], a status from 400 to 599 or STATUS=after, html, \
                       cut=before|reset|after|body, hang=before|after, garbage, empty, total=+N|-N, lie[=ATTRIBUTE+…], stale=TIME";

impl FromStr for Fault {
    type Err = FaultSyntax;

    fn from_str(text: &str) -> Result<Self, FaultSyntax> {
        let mut parts = text.split(',').map(str::trim);
        let mut fault = Self::new(effect(parts.next().unwrap_or_default())?);
        for part in parts {
            let (key, value) = part.split_once('=').ok_or_else(|| {
                FaultSyntax(format!("`{part}` is no condition; known are on=, at=, nth=, every=, count= and chance="))
            })?;
            match key {
                "on" => fault.methods.extend(value.split('+').map(str::to_ascii_uppercase)),
                "at" => {
                    for name in value.split('+') {
                        fault.places.push(place(name)?);
                    }
                }
                "nth" => fault.nth = number(key, value)?.max(1),
                "every" => fault.every = number(key, value)?.max(1),
                "count" => fault.count = Some(number(key, value)?),
                "chance" => fault.chance = chance(value)?,
                _ => {
                    return Err(FaultSyntax(format!(
                        "unknown condition `{key}`; known are on=, at=, nth=, every=, count= and chance="
                    )));
                }
            }
        }
        Ok(fault)
    }
}

fn effect(text: &str) -> Result<Effect, FaultSyntax> {
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    match (name, value) {
        ("latency", Some(value)) => Ok(Effect::Latency(time(value)?)),
        ("stale", Some(value)) => Ok(Effect::Stale(time(value)?)),
        ("429", None) => Ok(Effect::TooMany(None)),
        ("429", Some(value)) => Ok(Effect::TooMany(Some(match value.strip_prefix("date:") {
            Some(seconds) => RetryAfter::Date(number(name, seconds)?),
            None => RetryAfter::Seconds(number(name, value)?),
        }))),
        ("html", None) => Ok(Effect::Html),
        ("garbage", None) => Ok(Effect::Garbage),
        ("empty", None) => Ok(Effect::Empty),
        ("cut", None | Some("after")) => Ok(Effect::CutAfter),
        ("cut", Some("before")) => Ok(Effect::CutBefore),
        ("cut", Some("body")) => Ok(Effect::CutBody),
        ("cut", Some("reset")) => Ok(Effect::Reset),
        ("hang", Some("before")) => Ok(Effect::HangBefore),
        ("hang", None | Some("after")) => Ok(Effect::HangAfter),
        ("total", Some(value)) => value
            .parse()
            .map(Effect::Total)
            .map_err(|_| FaultSyntax(format!("`total={value}` wants a number with its sign, like total=+5"))),
        ("lie", None) => Ok(Effect::Lie(Vec::new())),
        ("lie", Some(names)) => Ok(Effect::Lie(names.split('+').map(str::to_owned).collect())),
        (status, when @ (None | Some("after"))) => match status.parse() {
            Ok(status @ 400..=599) if when.is_some() => Ok(Effect::FailAfter(status)),
            Ok(status @ 400..=599) => Ok(Effect::Status(status)),
            _ => Err(FaultSyntax(format!("unknown fault `{text}`; known are {EFFECTS}"))),
        },
        _ => Err(FaultSyntax(format!("unknown fault `{text}`; known are {EFFECTS}"))),
    }
}

/// `200ms`, `2s`; a bare number is milliseconds.
fn time(text: &str) -> Result<Duration, FaultSyntax> {
    let (digits, unit): (&str, fn(u64) -> Duration) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(digits), _) => (digits, Duration::from_millis),
        (None, Some(digits)) => (digits, Duration::from_secs),
        (None, None) => (text, Duration::from_millis),
    };
    digits.parse().map(unit).map_err(|_| FaultSyntax(format!("`{text}` is no time; write it like 200ms or 2s")))
}

fn number(key: &str, text: &str) -> Result<u64, FaultSyntax> {
    text.parse().map_err(|_| FaultSyntax(format!("`{key}={text}` wants a whole number")))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be between 0 and a million")]
fn chance(text: &str) -> Result<u32, FaultSyntax> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok((share * 1e6).round() as u32),
        _ => Err(FaultSyntax(format!("`chance={text}` wants a number from 0 to 1"))),
    }
}

fn place(name: &str) -> Result<Place, FaultSyntax> {
    Place::ALL.iter().find(|(_, known)| *known == name).map(|(place, _)| *place).ok_or_else(|| {
        let known = list(Place::ALL.iter().map(|(_, name)| name));
        FaultSyntax(format!("`at={name}` is no part of the server; known are {known}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::fault::Faults;

    #[test]
    fn prints_what_it_reads() {
        for text in [
            "latency=200ms",
            "429",
            "429=7,on=POST+PUT,at=users,nth=2,count=3",
            "429=date:60",
            "503,chance=0.25",
            "401,nth=5",
            "500,every=10",
            "html",
            "cut=before",
            "cut=reset",
            "cut=after,on=POST",
            "500=after,on=PATCH",
            "hang=before",
            "hang=after,nth=3",
            "cut=body,at=groups+bulk",
            "garbage",
            "empty,at=users",
            "total=-5",
            "total=+12",
            "lie",
            "lie=active+title",
            "stale=1500ms",
        ] {
            assert_eq!(text.parse::<Fault>().map(|fault| fault.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("cut".parse::<Fault>().unwrap().effect, Effect::CutAfter);
        assert_eq!("latency=2s".parse::<Fault>().unwrap().effect, Effect::Latency(Duration::from_secs(2)));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, part) in [
            ("boom", "unknown fault `boom`"),
            ("200", "unknown fault"),
            ("200=after", "unknown fault"),
            ("503,when=now", "unknown condition `when`"),
            ("503,often", "`often` is no condition"),
            ("503,at=people", "users, groups"),
            ("latency=soon", "no time"),
            ("503,chance=2", "from 0 to 1"),
        ] {
            let message = text.parse::<Fault>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn counts_only_requests_that_fit() {
        let faults = Faults::new(["503,on=POST,at=users,nth=2,count=2".parse().unwrap()], 0);
        let hit = |method, place| !faults.strike(method, place).is_empty();
        assert!(!hit("POST", Place::Users));
        assert!(!hit("GET", Place::Users));
        assert!(!hit("POST", Place::Groups));
        assert!(hit("POST", Place::Users));
        assert!(hit("POST", Place::Users));
        assert!(!hit("POST", Place::Users));
        assert_eq!(faults.hits(), 2);
    }

    #[test]
    fn every_tenth_starts_with_the_nth() {
        let faults = Faults::new(["500,nth=2,every=3".parse().unwrap()], 0);
        let hits: Vec<bool> = (0..8).map(|_| !faults.strike("GET", Place::Users).is_empty()).collect();
        assert_eq!(hits, [false, true, false, false, true, false, false, true]);
    }

    #[test]
    fn chance_is_the_seeds_and_near_its_share() {
        let run = |seed| {
            let faults = Faults::new(["500,chance=0.3".parse().unwrap()], seed);
            (0..1000).map(|_| !faults.strike("GET", Place::Users).is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let hits = run(7).iter().filter(|hit| **hit).count();
        assert!((230..370).contains(&hits), "{hits}");
    }
}
