//! Stable names of the kinds of problem.

use super::Severity;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $severity:ident;)+) => {
        /// Kind of a problem. Its name is stable: scripts may look for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// The stable kebab-case name.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)+ }
            }

            /// What the code means, for documentation.
            pub const fn description(self) -> &'static str {
                match self { $(Code::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// How bad it is.
            pub const fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    /// A repository holds no `scimform.yaml`, or no YAML file at all.
    NoFiles = "no-files", Error;
    /// A file can't be read, is not UTF-8 text, or is too large.
    UnreadableFile = "unreadable-file", Error;
    /// The text is not YAML.
    YamlSyntax = "yaml-syntax", Error;
    /// YAML that is refused: several documents, merge keys, tags, too many aliases.
    YamlUnsupported = "yaml-unsupported", Error;
    /// A word that YAML 1.1 reads as a boolean (`yes`, `no`, `on`, `off`) stands unquoted.
    YamlBoolean = "yaml-boolean", Error;
    /// The same key stands twice.
    DuplicateKey = "duplicate-key", Error;
    /// A key that the file language does not know.
    UnknownKey = "unknown-key", Error;
    /// A value of the wrong type or form.
    Schema = "schema", Error;
    /// A required key is missing.
    MissingKey = "missing-key", Error;
    /// A reference to something that is declared nowhere.
    DanglingReference = "dangling-reference", Error;
    /// Groups that hold each other, or mappings or profiles that extend each other.
    Cycle = "cycle", Error;
    /// Two people whose userName is the same after case folding.
    DuplicateUserName = "duplicate-user-name", Error;
    /// Two people or groups who assert the same value of an attribute by which a target recognises them.
    DuplicateMatch = "duplicate-match", Error;
    /// A key is used again by `previously`, or two declarations claim the same former key.
    PreviouslyConflict = "previously-conflict", Error;
    /// An expression can't be compiled or evaluated.
    Expression = "expression", Error;
    /// An expression names an attribute that does not exist.
    UnknownAttribute = "unknown-attribute", Error;
    /// A mapping row's key is not a SCIM attribute path.
    AttributePath = "attribute-path", Error;
    /// A mapping row writes an attribute that the target's schema or profile does not let us write.
    NotWritable = "not-writable", Error;
    /// A value of a kind that the attribute does not take, such as a number for text.
    ValueType = "value-type", Error;
    /// A mapping row names an attribute that the target's schema does not know.
    UnknownScimAttribute = "unknown-scim-attribute", Warning;
    /// A mapping row sets an attribute that the target only takes at creation, or keeps for itself.
    WriteLimited = "write-limited", Warning;
    /// A value breaks a rule of the target (required, forbidden character, length).
    TargetRule = "target-rule", Error;
    /// Several values of an attribute of which the target keeps one.
    SingleValued = "single-valued", Warning;
    /// One person reaches one target through two bindings that imply different resources.
    ConflictingBindings = "conflicting-bindings", Error;
    /// A target lacks what is needed to reach it.
    Target = "target", Error;
    /// A profile that does not exist or can't be overridden so.
    Profile = "profile", Error;
    /// A date that is not one, or an end before its start.
    Date = "date", Error;
    /// A declared attribute that no mapping of a bound target sends.
    Unmapped = "unmapped", Warning;
    /// A group, mapping, target or profile that nothing uses.
    Unused = "unused", Warning;
    /// Control or direction characters in a name.
    HostileText = "hostile-text", Warning;
    /// Custom attributes break the user's own JSON Schema.
    CustomSchema = "custom-schema", Error;
}
