//! A way to the server on which answers can be held back: the request is carried out, and nobody hears of it.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Passes on what comes until a certain write; from then on no answer.
pub struct Proxy {
    pub address: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The first write, from 1, whose answer is held back; 0 for none.
    from: AtomicU64,
    /// Only requests with this start count.
    starts: std::sync::Mutex<String>,
    seen: AtomicU64,
    holds: AtomicBool,
}

impl State {
    fn look(&self, chunk: &[u8]) {
        let wanted = self.starts.lock().unwrap().clone();
        let methods = ["POST ", "PATCH ", "PUT ", "DELETE "];
        if methods.iter().any(|method| chunk.starts_with(method.as_bytes())) && chunk.starts_with(wanted.as_bytes()) {
            let seen = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
            if seen == self.from.load(Ordering::SeqCst) {
                self.holds.store(true, Ordering::SeqCst);
            }
        }
    }
}

impl Proxy {
    /// Listens for one server.
    pub fn to(server: &str) -> Self {
        let server = server.split("//").last().unwrap().split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::new(State::default());
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                let (up, down) = ((client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client));
                let (one, other) = (shared.clone(), shared.clone());
                std::thread::spawn(move || {
                    pass(up.0, up.1, |chunk| {
                        one.look(chunk);
                        true
                    });
                });
                std::thread::spawn(move || pass(down.0, down.1, |_| !other.holds.load(Ordering::SeqCst)));
            }
        });
        Self { address, state }
    }

    /// Holds back the answers from the n-th write on that starts so, from 1; 0 for never.
    pub fn hold(&self, from: u64, starts: &str) {
        starts.clone_into(&mut self.state.starts.lock().unwrap());
        self.state.seen.store(0, Ordering::SeqCst);
        self.state.from.store(from, Ordering::SeqCst);
        self.state.holds.store(false, Ordering::SeqCst);
    }

    /// Whether it came to that.
    pub fn holds(&self) -> bool {
        self.state.holds.load(Ordering::SeqCst)
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut passes: impl FnMut(&[u8]) -> bool) {
    let mut buffer = [0; 8192];
    while let Ok(length) = from.read(&mut buffer) {
        if length == 0 {
            break;
        }
        if passes(&buffer[..length]) && to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
