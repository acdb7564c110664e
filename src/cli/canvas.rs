//! Where lines of progress are drawn: standard error, by the sequences that every terminal knows.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::TermLike;

/// Standard error as a terminal. The cursor stays behind the last line's text, so that the `^C` that a terminal writes goes
/// with it when the line is cleared; a line that is filled up with spaces would have it on the next one, for good.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    /// Whether a line ended and the next one, if there is one, begins below it.
    ended: AtomicBool,
}

impl Canvas {
    fn size() -> (u16, u16) {
        terminal_size::terminal_size_of(io::stderr()).map_or((80, 24), |(columns, rows)| (columns.0, rows.0))
    }

    fn send(text: &str) -> io::Result<()> {
        io::stderr().lock().write_all(text.as_bytes())
    }

    fn moved(number: usize, direction: char) -> io::Result<()> {
        if number == 0 { Ok(()) } else { Self::send(&format!("\u{1b}[{number}{direction}")) }
    }
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        Self::size().0
    }

    fn height(&self) -> u16 {
        Self::size().1
    }

    fn move_cursor_up(&self, number: usize) -> io::Result<()> {
        Self::moved(number, 'A')
    }

    fn move_cursor_down(&self, number: usize) -> io::Result<()> {
        Self::moved(number, 'B')
    }

    fn move_cursor_right(&self, number: usize) -> io::Result<()> {
        Self::moved(number, 'C')
    }

    fn move_cursor_left(&self, number: usize) -> io::Result<()> {
        Self::moved(number, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        Self::send(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        if text.chars().all(|sign| sign == ' ') {
            self.ended.store(true, Ordering::Relaxed);
            return Ok(());
        }
        if self.ended.swap(false, Ordering::Relaxed) { Self::send(&format!("\n{text}")) } else { Self::send(text) }
    }

    fn clear_line(&self) -> io::Result<()> {
        self.ended.store(false, Ordering::Relaxed);
        Self::send("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}
