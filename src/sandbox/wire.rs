//! Connections that a fault can cut.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// How many bytes a connection may still send.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    left: Arc<AtomicUsize>,
    reset: Arc<AtomicBool>,
}

impl Wire {
    fn new() -> Self {
        Self { left: Arc::new(AtomicUsize::new(usize::MAX)), reset: Arc::default() }
    }

    /// Lets this many bytes more pass and then ends the connection.
    pub(super) fn cut_after(&self, bytes: usize) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    /// Ends the connection with a reset.
    pub(super) fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
        self.cut_after(0);
    }
}

/// A listener whose connections are [`Wire`]s.
#[derive(Debug)]
pub(super) struct Cuttable(pub(super) TcpListener);

impl Listener for Cuttable {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (tcp, address) = Listener::accept(&mut self.0).await;
        // A failure only costs latency.
        let _ = tcp.set_nodelay(true);
        (Stream { tcp, wire: Wire::new() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Cuttable>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Cuttable>) -> Self {
        stream.io().wire.clone()
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Stream {
    tcp: TcpStream,
    wire: Wire,
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.wire.left.load(Ordering::SeqCst);
        if left == usize::MAX {
            return Pin::new(&mut self.tcp).poll_write(cx, buf);
        }
        let part = buf.get(..left.min(buf.len())).unwrap_or(buf);
        if part.is_empty() {
            if self.wire.reset.load(Ordering::SeqCst) {
                // A failure leaves an ordinary end.
                let _ = self.tcp.set_zero_linger();
            }
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut by a fault")));
        }
        let written = ready!(Pin::new(&mut self.tcp).poll_write(cx, part))?;
        self.wire.left.store(left.saturating_sub(written), Ordering::SeqCst);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
