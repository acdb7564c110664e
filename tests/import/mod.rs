//! `import`: a tenant is taken over into files, and the plan is empty then.

mod choosing;
mod files;
mod laws;
mod tenant;
mod words;
mod csv;
