//! What the streams and the environment allow: colours, columns, links, a pager.

use std::ffi::OsStr;
use std::path::Path;

use super::args::{Global, When};
use crate::render::look::{Links, Look};

/// Form of links, as ripgrep's `--hyperlink-format` has it.
const LINK_FORMAT: &str = "SCIMFORM_LINK_FORMAT";

/// Standard output or standard error.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stream {
    /// Whether a person sees it at once.
    pub(super) terminal: bool,
    /// Whether it is coloured.
    pub(super) color: bool,
    /// Whether the cursor can't be moved in it (`TERM=dumb`).
    pub(super) dumb: bool,
    /// Columns, where it is a terminal.
    pub(super) columns: Option<usize>,
    /// Rows, where it is a terminal.
    pub(super) rows: Option<usize>,
}

impl Stream {
    pub(super) fn new(stream: &(impl std::io::IsTerminal + terminal_size_of::Stream), global: &Global) -> Self {
        let terminal = stream.is_terminal();
        let size = terminal.then(|| terminal_size_of::size(stream)).flatten();
        let number = |name: &str| {
            let number: usize = std::env::var(name).ok()?.trim().parse().ok()?;
            (number > 0).then_some(number)
        };
        let side = |name: &str, known: Option<u16>, usual: usize| {
            terminal
                .then(|| number(name).or_else(|| known.map(usize::from).filter(|known| *known > 0)).unwrap_or(usual))
        };
        Self {
            terminal,
            color: colored(global.color, terminal, &Colors::of_environment()),
            dumb: is_dumb(),
            columns: side("COLUMNS", size.map(|(columns, _)| columns), 80),
            rows: side("LINES", size.map(|(_, rows)| rows), 24),
        }
    }

    /// Whether a text, broken into lines already, does not fit on the screen with the prompt below it.
    pub(super) fn is_taller(&self, text: &str) -> bool {
        self.rows.is_some_and(|rows| text.lines().take(rows).count() >= rows)
    }

    /// How text is written to it.
    pub(super) fn look(&self, everything: bool) -> Look {
        Look { color: self.color, everything, width: self.columns, links: None }
    }
}

/// The size of the terminal behind a stream.
mod terminal_size_of {
    /// Both streams, as the crate takes them on each system.
    #[cfg(unix)]
    pub(super) use std::os::fd::AsFd as Stream;
    #[cfg(windows)]
    pub(super) use std::os::windows::io::AsHandle as Stream;

    pub(super) fn size(stream: &impl Stream) -> Option<(u16, u16)> {
        terminal_size::terminal_size_of(stream).map(|(columns, rows)| (columns.0, rows.0))
    }
}

/// What the environment says of colours (no-color.org, bixense.com/clicolors).
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a variable of its own")]
struct Colors {
    /// `NO_COLOR` is set to anything.
    none: bool,
    /// `CLICOLOR_FORCE` is set to anything but `0`.
    force: bool,
    /// `CLICOLOR` is `0`.
    off: bool,
    /// The terminal can't: `TERM=dumb`.
    dumb: bool,
}

impl Colors {
    fn of_environment() -> Self {
        Self {
            none: anstyle_query::no_color(),
            force: anstyle_query::clicolor_force(),
            off: anstyle_query::clicolor() == Some(false),
            dumb: is_dumb(),
        }
    }
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn colored(asked: When, terminal: bool, colors: &Colors) -> bool {
    match asked {
        When::Always => true,
        When::Never => false,
        When::Auto if colors.none => false,
        When::Auto if colors.force => true,
        When::Auto => terminal && !colors.off && !colors.dumb,
    }
}

/// Links to the files under a root, where they are wanted and the terminal can; says why where they are written wrongly.
pub(super) fn links(out: &Stream, asked: When, root: &Path) -> Result<Option<Links>, String> {
    let can = out.terminal && !is_dumb() && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout);
    let format = std::env::var(LINK_FORMAT).ok().filter(|format| !format.is_empty());
    let format = format.as_deref().unwrap_or("default");
    if asked == When::Never || (asked == When::Auto && !can) || format == "none" {
        return Ok(None);
    }
    let host = host().unwrap_or_default();
    match Links::new(format, &host, root.as_os_str().as_encoded_bytes()) {
        Ok(links) => Ok(Some(links)),
        Err(why) => Err(format!("{LINK_FORMAT} is wrong, so there are no links: {why}")),
    }
}

/// The name of this machine, so that a terminal that shows another one does not look for the file here.
fn host() -> Option<String> {
    let named = std::env::var("HOSTNAME").ok().filter(|name| !name.is_empty());
    let name = named.or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok())?;
    Some(name.trim().to_owned())
}

/// The pager: `SCIMFORM_PAGER`, else `PAGER`, else `less` where it is found. None where one is not wanted.
pub(super) fn pager() -> Option<String> {
    let given = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().trim().to_owned());
    let named = given("SCIMFORM_PAGER").or_else(|| given("PAGER").filter(|pager| !pager.is_empty()));
    match named {
        Some(pager) if pager.is_empty() || pager == "cat" => None,
        Some(pager) => Some(pager),
        None => found(OsStr::new("less")).then(|| "less".to_owned()),
    }
}

/// Whether a program is on the PATH.
fn found(program: &OsStr) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.is_absolute() && folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Colors = Colors { none: false, force: false, off: false, dumb: false };

    #[test]
    fn a_flag_goes_before_the_environment_and_no_color_before_force() {
        let no_color = Colors { none: true, force: true, ..NOTHING };
        assert!(colored(When::Always, false, &no_color));
        assert!(!colored(When::Never, true, &Colors { force: true, ..NOTHING }));
        assert!(!colored(When::Auto, true, &no_color));
    }

    #[test]
    fn colours_are_for_terminals_that_can() {
        assert!(colored(When::Auto, true, &NOTHING));
        assert!(!colored(When::Auto, false, &NOTHING));
        assert!(!colored(When::Auto, true, &Colors { off: true, ..NOTHING }));
        assert!(!colored(When::Auto, true, &Colors { dumb: true, ..NOTHING }));
        assert!(colored(When::Auto, false, &Colors { force: true, dumb: true, ..NOTHING }));
    }
}
