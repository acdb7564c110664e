//! The file language as users meet it: files in, configuration and complaints out.

mod accepted;
mod broken_text;
mod everything_wrong;
mod formats;
mod schema;
mod yaml;

use scimform::config::model::Config;
use scimform::diag::Diagnostic;
use scimform::source::SourceMap;

/// Files by path, parsed.
struct Parsed {
    sources: SourceMap,
    config: Config,
    found: Vec<Diagnostic>,
}

fn parse_files(files: &[(&str, &str)]) -> Parsed {
    let mut sources = SourceMap::default();
    for (path, text) in files {
        sources.add(*path, *text);
    }
    let (config, found) = scimform::config::parse(&sources);
    Parsed { sources, config, found: found.into_sorted() }
}

fn parse(text: &str) -> Parsed {
    parse_files(&[("a.yaml", text)])
}

impl Parsed {
    /// `code line:column «what is pointed at»`, one per problem.
    fn lines(&self) -> Vec<String> {
        let line = |found: &Diagnostic| {
            let Some(span) = found.span else { return found.code.name().to_owned() };
            let place = self.sources.location(span);
            format!("{} {}:{} «{}»", found.code.name(), place.line, place.column, self.sources.text(span))
        };
        self.found.iter().map(line).collect()
    }
}
