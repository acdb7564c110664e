//! Servers that do not do as the RFC says, each bent in its own way, and what a run of the program makes of them: a plan
//! shows what is there, an apply that ends with 0 did what was declared, and nobody's access changes unseen.

mod bends;
mod company;
mod judge;
mod server;
mod world;

mod accounts;
mod laws;
mod leaving;
mod random;
mod reading;
mod run;
mod settings;
mod writing;
