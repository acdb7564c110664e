//! Dates as people type them.

use jiff::civil::{Date, date};

/// In which order a date with slashes is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// 31/12/2026.
    DayMonth,
    /// 12/31/2026.
    MonthDay,
    /// As `strptime` has it, `%d/%m/%y`.
    Format(String),
}

/// Why a cell is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoDate {
    /// Day and month could be either way round.
    Ambiguous,
    /// It is none.
    Unreadable,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The order in which a column writes dates, where a cell of it tells: a number beyond 12 is a day.
pub(super) fn order<'c>(cells: impl Iterator<Item = &'c str>) -> Option<Order> {
    let (mut day_first, mut month_first) = (false, false);
    for (one, two, _) in cells.filter_map(slashed) {
        day_first |= one > 12;
        month_first |= two > 12;
    }
    match (day_first, month_first) {
        (true, false) => Some(Order::DayMonth),
        (false, true) => Some(Order::MonthDay),
        _ => None,
    }
}

/// Two numbers and a year, by slashes or hyphens.
fn slashed(text: &str) -> Option<(i8, i8, i16)> {
    let parts: Vec<&str> = text.split(['/', '-']).map(str::trim).collect();
    let [one, two, year] = parts.as_slice() else { return None };
    (year.len() == 4).then_some(())?;
    Some((one.parse().ok()?, two.parse().ok()?, year.parse().ok()?))
}

/// Reads a cell: `2026-12-31` with or without a time, `2026/12/31`, `31.12.2026`, `31 Dec 2026`, `Dec 31, 2026`, and with
/// an order `31/12/2026` or `12/31/2026`.
pub(super) fn read(text: &str, order: Option<&Order>) -> Result<Date, NoDate> {
    if let Some(Order::Format(format)) = order {
        return Date::strptime(format, text).map_err(|_| NoDate::Unreadable);
    }
    let day = text.split(['T', ' ']).next().unwrap_or(text);
    if let Ok(found) = day.replace('/', "-").parse::<Date>() {
        return Ok(found);
    }
    let made = |year: i16, month: i8, day: i8| Date::new(year, month, day).map_err(|_| NoDate::Unreadable);
    let dotted: Vec<&str> = day.split('.').collect();
    if let [one, two, year] = dotted.as_slice()
        && year.len() == 4
    {
        let number = |text: &str| text.parse::<i8>().map_err(|_| NoDate::Unreadable);
        return made(year.parse().map_err(|_| NoDate::Unreadable)?, number(two)?, number(one)?);
    }
    if let Some((one, two, year)) = slashed(day) {
        return match order {
            Some(Order::DayMonth) => made(year, two, one),
            Some(Order::MonthDay) => made(year, one, two),
            _ => Err(NoDate::Ambiguous),
        };
    }
    worded(text).ok_or(NoDate::Unreadable)
}

/// `31 Dec 2026`, `31-Dec-2026`, `December 31, 2026`.
fn worded(text: &str) -> Option<Date> {
    let words: Vec<&str> = text.split([' ', ',', '-', '/']).filter(|word| !word.is_empty()).collect();
    let [one, two, year] = words.as_slice() else { return None };
    let month = |word: &str| {
        let word = word.trim_end_matches('.').to_lowercase();
        let short = word.get(..3)?;
        let at = MONTHS.iter().position(|month| *month == short)?;
        i8::try_from(at + 1).ok()
    };
    let (day, month) = match (month(one), month(two)) {
        (Some(month), None) => (*two, month),
        (None, Some(month)) => (*one, month),
        _ => return None,
    };
    let year: i16 = year.parse().ok().filter(|year| *year > 999)?;
    Date::new(year, month, day.parse().ok()?).ok()
}

/// The day from which spreadsheets count, for those who forgot to format a column.
pub(super) fn of_serial(text: &str) -> Option<Date> {
    let number: i64 = text.parse().ok().filter(|number| (20_000..80_000).contains(number))?;
    date(1899, 12, 30).checked_add(jiff::Span::new().try_days(number).ok()?).ok()
}
