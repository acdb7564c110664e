//! Command line: arguments, context, exit codes, one file per command.
