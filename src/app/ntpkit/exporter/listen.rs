//! The exporter's listeners: addresses, or sockets passed by systemd.

use crate::cli::output::reason;
use anyhow::{anyhow, bail};
use listenfd::ListenFd;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs as _};

/// Takes the sockets passed by systemd.
///
/// # Errors
/// One of them is not a listening TCP socket.
pub fn passed() -> anyhow::Result<Vec<TcpListener>> {
    let mut passed = ListenFd::from_env();
    let mut listeners = Vec::new();
    for number in 0..passed.len() {
        let listener = passed.take_tcp_listener(number);
        let listener = listener.map_err(|error| anyhow!("socket {number} of systemd: {}", reason(&error)))?;
        listeners.extend(listener);
    }
    ready(listeners)
}

/// Listens on these addresses.
///
/// # Errors
/// An address is invalid or in use.
pub fn at(addresses: &[String]) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        let listener = match address.strip_prefix(':').map(str::parse::<u16>) {
            Some(Ok(port)) => everywhere(port),
            Some(Err(_)) => bail!("{address}: not :PORT, ADDRESS:PORT or [ADDRESS]:PORT"),
            None => {
                let all: Vec<SocketAddr> = match address.to_socket_addrs() {
                    Ok(all) => all.collect(),
                    Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                        bail!("{address}: not :PORT, ADDRESS:PORT or [ADDRESS]:PORT")
                    }
                    Err(error) => bail!("{address}: {}", reason(&error)),
                };
                TcpListener::bind(&*all)
            }
        };
        listeners.push(listener.map_err(|error| anyhow!("{address}: {}", reason(&error)))?);
    }
    ready(listeners)
}

/// Listens on all addresses of this machine, of both families if available.
fn everywhere(port: u16) -> io::Result<TcpListener> {
    match TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(_) => TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)),
        listener => listener,
    }
}

fn ready(listeners: Vec<TcpListener>) -> anyhow::Result<Vec<TcpListener>> {
    for listener in &listeners {
        listener.set_nonblocking(true)?;
    }
    Ok(listeners)
}
