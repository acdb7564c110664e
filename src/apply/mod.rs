//! Runs steps and tells what happened, event by event.
