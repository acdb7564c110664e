//! Reads a repository from disk: files, git revision.
