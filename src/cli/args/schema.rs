//! `schema`.

use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SchemaOptions {
    /// Which schema.
    #[arg(value_name = "SCHEMA", default_value = "files")]
    pub(in crate::cli) which: SchemaKind,
    /// The draft of JSON Schema (draft 7 suits older editors).
    #[arg(long, value_name = "DRAFT", default_value = "2020-12")]
    pub(in crate::cli) draft: Draft,
}

/// Which schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaKind {
    /// Of the YAML files.
    Files,
    /// Of `plan --format json`.
    Plan,
    /// Of `drift --format json`.
    Drift,
    /// Of the files that describe a vendor.
    Profile,
    /// Of a line of a journal.
    Journal,
    /// Of `apply --format json`.
    Report,
    /// Of `report access --format json`.
    Access,
    /// Of `explain --format json`.
    Explain,
    /// Of a ledger.
    Ledger,
    /// Of `import TARGET --format json`.
    Import,
    /// Of `import --csv FILE --format json`.
    ImportCsv,
    /// Of what an apply leaves to be taken back by.
    Undo,
}

/// A draft of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Draft {
    /// 2020-12.
    #[value(name = "2020-12")]
    Latest,
    /// Draft 7.
    #[value(name = "07")]
    Seven,
}
