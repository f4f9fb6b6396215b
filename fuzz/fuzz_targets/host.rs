//! Host arguments: the parsed name is part of the text, and an address with a port round-trips.
#![no_main]

use std::net::SocketAddr;

use libfuzzer_sys::fuzz_target;
use ntpkit::net::host::Host;

fuzz_target!(|text: &str| {
    let Ok(host) = text.parse::<Host>() else {
        assert!(text.starts_with('['));
        return;
    };
    assert!(text.contains(host.name()));
    assert_ne!(host.port(), 0);
    if let Ok(socket) = text.parse::<SocketAddr>()
        && socket.port() != 0
    {
        assert_eq!(host.port(), socket.port());
        assert_eq!(host.to_string().parse(), Ok(host));
    }
});
