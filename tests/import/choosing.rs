//! Who is imported, and who is not.
